terraform import sls_domain.shop prod/shop.example.com
