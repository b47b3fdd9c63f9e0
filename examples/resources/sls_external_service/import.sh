terraform import sls_external_service.soa prod/soa
