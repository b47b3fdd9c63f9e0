package fault

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"sync"
	"time"
)

// pki is the proxy's authority, and the certificates that it may show.
type pki struct {
	authority            []byte // PEM
	good, expired, early *tls.Certificate

	mu    sync.Mutex
	shown *tls.Certificate
}

func newPKI() (*pki, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	const day = 24 * time.Hour
	now := time.Now()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "fault"},
		NotBefore: now.Add(-30 * day), NotAfter: now.Add(30 * day),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	encoded, err := x509.CreateCertificate(rand.Reader, authority, authority, key.Public(), key)
	if err != nil {
		return nil, err
	}
	made := &pki{authority: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: encoded})}
	for place, from := range map[**tls.Certificate]time.Duration{&made.good: -day, &made.expired: -10 * day, &made.early: 5 * day} {
		leaf := &x509.Certificate{
			SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "kube-apiserver"},
			NotBefore: now.Add(from), NotAfter: now.Add(from + 3*day),
			IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		}
		encoded, err := x509.CreateCertificate(rand.Reader, leaf, authority, key.Public(), key)
		if err != nil {
			return nil, err
		}
		*place = &tls.Certificate{Certificate: [][]byte{encoded}, PrivateKey: key}
	}
	made.shown = made.good
	return made, nil
}

func (p *pki) use(certificate *tls.Certificate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shown = certificate
}

// certificate is what a new connection is shown.
func (p *pki) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown, nil
}
