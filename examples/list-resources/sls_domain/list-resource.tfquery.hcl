# All of the cluster.
list "sls_domain" "all" {
  provider = sls
  limit    = 1000
}
