// Package keep asks a source when it is worth it, and keeps its last good values over a restart and without network.
package keep
