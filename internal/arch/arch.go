// Package arch keeps the import order of the house: its test reads every file's imports and gives, for
// each arrow that points the wrong way, the reason why it must not.
package arch
