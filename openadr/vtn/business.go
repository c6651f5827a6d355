package vtn

import (
	"net/http"
)

// What tokens are good for, in the words of the API's security scheme. Which of them a client has is settled by who
// it is: it cannot ask for more, or for less.
const (
	scopeVEN      = "read_targets read_ven_objects write_reports write_subscriptions write_vens"
	scopeBusiness = "read_all read_bl write_programs write_events write_subscriptions write_vens"
)

// isBusiness says that a client is the business side, which publishes and sees everything.
func (v *VTN) isBusiness(client string) bool {
	_, isListed := v.cfg.Business[client]
	return isListed && client != anonymous
}

func (v *VTN) scope(client string) string {
	if v.isBusiness(client) {
		return scopeBusiness
	}
	return scopeVEN
}

func forbidden(detail string) *refusal { return &refusal{http.StatusForbidden, detail} }

// businessOnly lets nobody else publish.
func (v *VTN) businessOnly(r *http.Request) *refusal {
	if v.isBusiness(client(r)) {
		return nil
	}
	return forbidden("only the business side publishes")
}

// venOnly is for reports: the business side reads them (API, scope write_reports).
func (v *VTN) venOnly(r *http.Request) *refusal {
	if v.isBusiness(client(r)) {
		return forbidden("only vens report")
	}
	return nil
}
