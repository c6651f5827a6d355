package feeds

import (
	"strings"
	"testing"
)

func TestPlace_IsWhatIsConfiguredElseThePublishersOwn(t *testing.T) {
	for configured, want := range map[string]string{"": "https://own.example/v1", "http://127.0.0.1:8080/x": "http://127.0.0.1:8080/x"} {
		u, zone, err := Place(configured, "https://own.example/v1", "Europe/Rome")
		if err != nil || u.String() != want || zone.String() != "Europe/Rome" {
			t.Errorf("%q: %v in %v, %v", configured, u, zone, err)
		}
	}
	for _, c := range []struct{ url, zone, want string }{
		{"own.example", "Europe/Rome", `url "own.example": must be`}, {"ftp://own.example", "Europe/Rome", "url "}, {"http:///x", "Europe/Rome", "url "}, {"http://a\x7f", "Europe/Rome", "url "},
		{"", "", `zone "": must be`}, {"", "Rome", `zone "Rome": must be`},
	} {
		if _, _, err := Place(c.url, "https://own.example", c.zone); KindOf(err) != Misconfigured || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q in %q: %v", c.url, c.zone, err)
		}
	}
}

func TestAddress_NamesItsKey(t *testing.T) {
	if u, err := Address("token_url", "https://own.example/token/"); err != nil || u.Path != "/token/" {
		t.Errorf("%v, %v", u, err)
	}
	if _, err := Address("token_url", "own.example"); KindOf(err) != Misconfigured || !strings.HasPrefix(err.Error(), `token_url "own.example": must be`) {
		t.Error(err)
	}
}

// A password is refused wherever it stands, and so is what may be one in an address that cannot be read.
func TestAddress_ShowsNoPassword(t *testing.T) {
	for _, text := range []string{"https://me:s3cret@own.example", "https://s3cret@own.example/", "me:s3cret@own.example", "https://me:s3c%ret@own.example", "https://me:s3cret@own.example:port", "//me:s3cret@own.example"} {
		for _, ask := range []func() error{
			func() error { _, err := Address("token_url", text); return err },
			func() error { _, _, err := Place(text, "https://own.example", "UTC"); return err },
		} {
			if err := ask(); KindOf(err) != Misconfigured || !strings.Contains(err.Error(), "url: must be") || strings.Contains(err.Error(), "s3c") {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
	if _, err := Address("url", "https://own.example/@home"); err != nil {
		t.Error(err)
	}
}
