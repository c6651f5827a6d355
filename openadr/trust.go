package openadr

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// trust is whom the client believes, and who it says it is. It reads every file once, so that a wrong name is
// noticed before anything runs.
func (c *Config) trust() (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12} // Definition, HTTPS/TLS
	if c.CAFile != "" {
		text, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("ca file: %w", err)
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("ca file %s: holds no PEM certificate", c.CAFile)
		}
	}
	if c.CertFile != "" || c.KeyFile != "" {
		own := &identity{certFile: c.CertFile, keyFile: c.KeyFile}
		if _, err := own.read(); err != nil {
			return nil, err
		}
		t.GetClientCertificate = own.show
	}
	if len(c.Pins) > 0 {
		var wanted pins
		for _, text := range c.Pins {
			p, err := parsePin(text)
			if err != nil {
				return nil, err
			}
			wanted = append(wanted, p)
		}
		t.VerifyConnection = wanted.verify // after the chain was verified, not instead
	}
	return t, nil
}

// identity is the client's certificate. It is read for every connection that wants it, of which a poll has one:
// what was renewed is used without a restart.
type identity struct {
	certFile, keyFile string

	mu   sync.Mutex
	last *tls.Certificate // that could be read
}

func (i *identity) read() (*tls.Certificate, error) {
	switch {
	case i.certFile == "":
		return nil, fmt.Errorf("key file %s: without a certificate file", i.keyFile)
	case i.keyFile == "":
		return nil, fmt.Errorf("certificate file %s: without a key file", i.certFile)
	}
	own, err := tls.LoadX509KeyPair(i.certFile, i.keyFile)
	if err != nil {
		return nil, fmt.Errorf("client certificate %s with key %s: %w", i.certFile, i.keyFile, err)
	}
	return &own, nil
}

// show gives the server the certificate. While one file is renewed and the other not yet, the old pair serves.
func (i *identity) show(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	own, err := i.read()
	switch {
	case err == nil:
		i.last = own
	case i.last == nil || lapse(i.last.Leaf) != "":
		return nil, err
	}
	if why := lapse(i.last.Leaf); why != "" {
		return nil, fmt.Errorf("client certificate %s: %s", i.certFile, why)
	}
	return i.last, nil
}

// lapse says why a certificate is not valid now; empty: it is. Certificates go by the machine's clock, whatever
// the time of the home is.
func lapse(c *x509.Certificate) string {
	const day = "2006-01-02 15:04 UTC"
	switch now := time.Now().UTC(); {
	case now.After(c.NotAfter):
		return "was valid until " + c.NotAfter.UTC().Format(day) + ", and the clock here says " + now.Format(day)
	case now.Before(c.NotBefore):
		return "is valid from " + c.NotBefore.UTC().Format(day) + " on, and the clock here says " + now.Format(day)
	}
	return ""
}

// pins are SHA-256 sums of public keys (RFC 7469, section 2.4). A connection is good when one of them is that of a
// certificate of the verified chain: the server's own, or an authority's, which outlives it.
type pins [][sha256.Size]byte

// parsePin reads 64 hexadecimal digits, perhaps with colons, or base64, perhaps after "sha256/" or, as curl writes
// it, "sha256//". Base64 may begin with a slash too, so the length says how much of that is prefix.
func parsePin(text string) (p [sha256.Size]byte, err error) {
	plain := strings.TrimSpace(text)
	for _, prefix := range []string{"sha256//", "sha256/", ""} {
		rest, isThere := strings.CutPrefix(plain, prefix)
		sum, err := hex.DecodeString(strings.ReplaceAll(rest, ":", ""))
		if err != nil {
			sum, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(rest, "="))
		}
		if isThere && err == nil && len(sum) == len(p) {
			return [sha256.Size]byte(sum), nil
		}
	}
	return p, fmt.Errorf("pin %.80q: want the SHA-256 of a public key, as 44 characters of base64 or 64 of hex", text)
}

func (p pins) verify(s tls.ConnectionState) error {
	var seen []string
	for _, chain := range s.VerifiedChains {
		for _, c := range chain {
			sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
			if slices.Contains(p, sum) {
				return nil
			}
			if text := "sha256/" + base64.StdEncoding.EncodeToString(sum[:]); !slices.Contains(seen, text) {
				seen = append(seen, text)
			}
		}
	}
	return fmt.Errorf("no pin fits, the server's certificate and its authorities have %s", strings.Join(seen, ", "))
}

// explain says what went wrong below HTTP in words that an installer can do something with.
func (c *Config) explain(err error) string {
	var (
		stranger x509.UnknownAuthorityError
		misnamed x509.HostnameError
		invalid  x509.CertificateInvalidError
		wire     *net.OpError
	)
	isTold := errors.As(err, &wire) && wire.Op == "remote error" // an alert of the server
	switch text := err.Error(); {
	case errors.As(err, &stranger) && c.CAFile != "":
		return "no authority in the ca file " + c.CAFile + " has signed the server's certificate"
	case errors.As(err, &stranger):
		return "no authority that this system trusts has signed the server's certificate: if it has one of its own, a ca file must hold that"
	case errors.As(err, &misnamed):
		return "the server's certificate is for another name: " + strings.TrimPrefix(misnamed.Error(), "x509: ")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the server's certificate " + lapse(invalid.Cert)
	case strings.Contains(text, "protocol version"):
		return "the server speaks no TLS 1.2 or newer"
	case isTold && c.CertFile != "":
		return "the server refuses the connection, perhaps for the client certificate " + c.CertFile + ": " + text
	case isTold:
		return "the server refuses the connection, perhaps because it wants a client certificate: " + text
	}
	return err.Error()
}
