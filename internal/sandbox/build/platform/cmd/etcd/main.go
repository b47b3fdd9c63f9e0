// Command etcd is etcd's server as its project ships it; only its main
// package is missing from the module.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
