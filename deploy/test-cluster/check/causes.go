package main

// cause says why names are wrong, where it is known; empty: it is not.
func (n *node) cause(r row, wrong []link) string {
	return r.known
}
