terraform import sls_revision_traffic.shop prod/shop
