// Package gridx reads the dynamic prices of Pacific Gas and Electric and of Southern California Edison that GridX
// publishes (getPricing, no key): a price for each hour, or quarter hour, of a circuit under a rate. Where the customer's
// account is configured, it tells rate and circuit, and what was metered.
//
// # Caveats
//
// An empty answer (204) means that a day is not out yet, and also that a parameter is wrong. The source then asks for
// yesterday, which must be there: when that is empty as well, it is the configuration.
//
// Ends in the answer are inclusive and not used. A slot lasts until the next one begins, at most a step.
//
// Usage of days that are over was metered, and is there after the bill. What the same address tells of today and later
// is a profile that was bought in advance: it is never energy taken, and only the question "usage" shows it.
//
// Prices are asked for without the customer's token.
package gridx
