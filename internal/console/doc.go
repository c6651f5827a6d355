// Package console is what people see in a terminal: tables, charts, and what a source has said.
package console
