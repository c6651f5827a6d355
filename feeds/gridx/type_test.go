package gridx

import (
	"strings"
	"testing"

	"hearth/feeds"
	"hearth/feeds/feedtest"
)

func TestType_IsWhatItsSampleSays(t *testing.T) { feedtest.Sample(t, Type, feeds.Home{}) }

func TestType_NamesTheKeyThatIsMissingOrWrong(t *testing.T) {
	account := feeds.Settings{"utility": "PGE", "client_id": "somebody", "client_secret": clientSecret, "contract": contract, "customer": customerUUID}
	if _, err := Type.New(account, feeds.Net{}); err != nil {
		t.Fatalf("rate and circuit are in the account: %v", err)
	}
	for _, c := range []struct {
		base       feeds.Settings
		key, value string
	}{
		{feedtest.Settings(Type), "utility", ""}, {feedtest.Settings(Type), "utility", "pge"}, {feedtest.Settings(Type), "rate", ""}, {feedtest.Settings(Type), "circuit", ""}, {feedtest.Settings(Type), "circuit", "13532223"},
		{feedtest.Settings(Type), "url", "gridx"}, {account, "client_id", ""}, {account, "client_secret", ""}, {account, "contract", ""}, {account, "contract", "12345678"},
		{account, "customer", ""}, {account, "customer", "me"}, {account, "circuit", "Eagle Rock"},
	} {
		settings := feeds.Settings{}
		for key, value := range c.base {
			settings[key] = value
		}
		settings[c.key] = c.value
		_, err := Type.New(settings, feeds.Net{})
		if feeds.KindOf(err) != feeds.Misconfigured || err == nil || !strings.HasPrefix(err.Error(), c.key+":") && !strings.HasPrefix(err.Error(), c.key+" ") {
			t.Errorf("%s %q: %v", c.key, c.value, err)
		}
		if c.key != "contract" && err != nil && strings.Contains(err.Error(), contract) {
			t.Errorf("%s %q: what is personal is in %v", c.key, c.value, err)
		}
	}
}

// A part of the account's keys is a mistake, not prices without an account.
func TestType_WantsTheWholeAccountOrNone(t *testing.T) {
	for key, value := range map[string]string{"client_id": "somebody", "client_secret": clientSecret, "contract": contract, "customer": customerUUID} {
		settings := feedtest.Settings(Type)
		settings[key] = value
		if _, err := Type.New(settings, feeds.Net{}); feeds.KindOf(err) != feeds.Misconfigured {
			t.Errorf("%s alone: %v", key, err)
		}
	}
}
