terraform import sls_application.shop prod/shop
