package digiwatt

import (
	"context"
	"encoding/json"
	"fmt"

	"hearth/feeds"
	"hearth/feeds/wire"
)

// Orders are what the vendor can be told. It cannot be asked what it knows already, so there is always something to
// send; sending it twice changes nothing.
func (s *Source) Orders() []feeds.Order {
	return []feeds.Order{
		{
			Name: "pair", Help: "tell the vendor which meter belongs to the account",
			Prepare: func(context.Context, feeds.Settings, feeds.Tariff) (feeds.Draft, error) { return s.pair() },
		},
		{
			Name: "onboard", Help: "tell the vendor who lives in what house with which appliances", IsStanding: s.cfg.IsOnboarding,
			Prepare: func(context.Context, feeds.Settings, feeds.Tariff) (feeds.Draft, error) { return s.onboard() },
		},
	}
}

// user is whose meter it is, as the vendor writes it.
type user struct {
	POD     string `json:"pod"`
	Account string `json:"account_number"`
	Company string `json:"company_code"`
}

func (s *Source) pair() (feeds.Draft, error) {
	missing := func(key string) (feeds.Draft, error) {
		return feeds.Draft{}, feeds.Fail(feeds.Misconfigured, "%s: is missing, and pair needs it", key)
	}
	switch "" {
	case s.cfg.Account:
		return missing("account_number")
	case s.cfg.POD:
		return missing("pod")
	case s.cfg.Company:
		return missing("company_code")
	}
	told := user{s.cfg.POD, s.cfg.Account, s.cfg.Company}
	return s.draft(users, told, func(data json.RawMessage) (feeds.Table, error) {
		var got user
		if err := json.Unmarshal(data, &got); err != nil {
			return feeds.Table{}, feeds.Fail(feeds.Temporary, "the answer is not what it should be: %w", err)
		}
		t := feeds.Table{Title: "pair", Columns: []string{"what", "as the vendor has it"}, Rows: [][]string{
			{"pod", feeds.OneLine(got.POD)}, {"account_number", feeds.OneLine(got.Account)}, {"company_code", feeds.OneLine(got.Company)},
		}}
		if got != told {
			t.Remarks = []string{"the vendor has something else than it was told"}
		}
		return t, nil
	})
}

func (s *Source) onboard() (feeds.Draft, error) {
	if s.cfg.Household == nil {
		return feeds.Draft{}, feeds.Fail(feeds.Misconfigured, "house: is missing, and onboard needs it")
	}
	told := *s.cfg.Household
	return s.draft(onboarding, told, func(data json.RawMessage) (feeds.Table, error) {
		var doc struct {
			Of *Household `json:"onboarding_data"`
		}
		if err := s.asking(onboarding, "").decode(data, &doc); err != nil {
			return feeds.Table{}, err
		}
		if doc.Of == nil {
			return feeds.Table{}, feeds.Fail(feeds.Temporary, "onboarding_data is missing")
		}
		t := doc.Of.table()
		if !told.isIn(*doc.Of) {
			t.Remarks = []string{"the vendor has something else than it was told"}
		}
		return t, nil
	})
}

// draft shows the very bytes that it would send.
func (s *Source) draft(operation string, body any, read func(json.RawMessage) (feeds.Table, error)) (feeds.Draft, error) {
	u, err := s.address(operation, "")
	if err != nil {
		return feeds.Draft{}, err
	}
	r := wire.PostJSON(u, body)
	send := func(ctx context.Context) (feeds.Table, error) {
		data, err := s.send(ctx, r)
		if err != nil {
			return feeds.Table{}, fmt.Errorf("%s: %w", operation, err)
		}
		t, err := read(data)
		if err != nil {
			return feeds.Table{}, fmt.Errorf("%s: %w", operation, err)
		}
		return t, nil
	}
	return feeds.Draft{Text: r.Method + " " + u.Redacted() + "\n" + string(r.Body), Send: send}, nil
}
