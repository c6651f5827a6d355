// Package configs holds the commented sample configurations, so that tests can load them.
package configs

import "embed"

// Files are the samples.
//
//go:embed *.yaml
var Files embed.FS
