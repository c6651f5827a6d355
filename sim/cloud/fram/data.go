package fram

import (
	"encoding/json"

	"hearth/energy"
)

// Data is all there is. Dates are written "2026-01-31".
type Data struct {
	Organizations []Organization
	Projects      []Project
	Units         []Unit
	Rates         []Rate
	Payloads      []Payload
	Invoices      []Invoice
	Transactions  []Transaction
	Applications  []Application
}

// Organization owns projects.
type Organization struct {
	ID        string `json:"organization_id"`
	Name      string `json:"name"`
	IsForeign bool   `json:"-"` // these credentials may not see it
	Stamps
}

// Project is a building.
type Project struct {
	ID           string `json:"project_id"`
	Organization string `json:"organization_id"`
	Name         string `json:"name"`
	Address      string `json:"address"`
	City         string `json:"city"`
	State        string `json:"state"`
	ZIP          string `json:"zip_code"`
	Utility      string `json:"utility"`
	Vendor       string `json:"vendor_id"`
	Stamps
}

// Unit is a home, with who lives there.
type Unit struct {
	ID       string `json:"unit_id"`
	Project  string `json:"project_id"`
	Number   string `json:"unit_number"`
	Bedrooms int    `json:"bedrooms"`
	SqFt     int    `json:"sqft"`
	Vendor   string `json:"vendor_id"`
	PTO      string `json:"pto_date"` // when its panels were allowed to run
	Meter    string `json:"meter_number"`
	Line1    string `json:"address_line1"`
	Line2    string `json:"address_line2"`
	Tenant   string `json:"current_tenant_name"`
	Email    string `json:"current_tenant_email"`
	Stamps
}

// Rate is an aggregated utility rate. Its map is whatever the caller says.
type Rate struct {
	ID         string          `json:"aggregated_utility_rate_id"`
	Utility    string          `json:"utility"`
	Code       string          `json:"billing_code"`
	Supplier   string          `json:"generation_supplier"`
	Effective  string          `json:"effective_date"`
	End        *string         `json:"end_date"` // nil: until further notice
	Map        json.RawMessage `json:"total_rate_map"`
	References []string        `json:"references"`
	Stamps
}

// Payload is a billing payload: of a unit, or of a whole project.
type Payload struct {
	ID      string          `json:"billing_payload_id"`
	Project string          `json:"project_id"`
	Unit    *string         `json:"unit_id"`
	User    *string         `json:"user_id"`
	Start   string          `json:"start_date"`
	End     string          `json:"end_date"` // the last day of the period
	Import  json.RawMessage `json:"import_energy_map"`
	Export  json.RawMessage `json:"export_energy_map"`
	Usage   json.RawMessage `json:"usage_energy_map"`
	Amount  energy.Money    `json:"amount"`
	Invoice *string         `json:"invoice_id"`
	Stamps
}

// Invoice is what was sent to be paid.
type Invoice struct {
	ID      string       `json:"invoice_id"`
	Number  string       `json:"invoice_number"`
	Project string       `json:"project_id"`
	Unit    string       `json:"unit_id"`
	Date    string       `json:"invoice_date"`
	Status  string       `json:"status"`
	Amount  energy.Money `json:"total_amount"`
	Stamps
}

// Transaction is a payment.
type Transaction struct {
	ID      string       `json:"transaction_id"`
	Project string       `json:"project_id"`
	User    string       `json:"user_id"`
	Type    string       `json:"type"`
	Status  string       `json:"status"`
	Amount  energy.Money `json:"amount"`
	Stamps
}

// Application is the part of a transaction that pays an invoice.
type Application struct {
	ID          string       `json:"transaction_application_id"`
	Transaction string       `json:"transaction_id"`
	Invoice     string       `json:"invoice_id"`
	Amount      energy.Money `json:"amount"`
}

// Stamps are when something was written.
type Stamps struct {
	Created string `json:"created_at,omitempty"`
	Updated string `json:"updated_at,omitempty"`
}
