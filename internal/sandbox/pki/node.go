package pki

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
)

// EnsureNode makes what a further node has of its own, unless it is there: the
// keys and certificates of its programs, by the cluster's authority, whose
// certificate is with them, and whose key isn't.
func EnsureNode(dir string, cluster Dir, n address.Node) (Dir, error) {
	return ensure(dir, func(d Dir) error {
		ca, key, err := cluster.readAuthority()
		if err != nil {
			return err
		}
		text, err := os.ReadFile(cluster.Cert(CA))
		if err != nil {
			return err
		}
		if err := os.WriteFile(d.Cert(CA), text, 0o644); err != nil {
			return err
		}
		return d.issueAll(nodeSubjects(n), n.Plan, ca, key)
	})
}

// readAuthority reads what Ensure has made.
func (d Dir) readAuthority() (*x509.Certificate, crypto.Signer, error) {
	der, err := readPEM(d.Cert(CA))
	if err != nil {
		return nil, nil, err
	}
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", d.Cert(CA), err)
	}
	if der, err = readPEM(d.Key(CA)); err != nil {
		return nil, nil, err
	}
	key, err := x509.ParseECPrivateKey(der)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", d.Key(CA), err)
	}
	return ca, key, nil
}

func readPEM(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM", path)
	}
	return block.Bytes, nil
}
