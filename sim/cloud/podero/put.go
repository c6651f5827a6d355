package podero

// Put replaces the contract of a building as its supplier would, or adds it. It has an id of its own where none is given.
func (s *Server) Put(c Contract) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.contracts {
		if s.contracts[i].Building == c.Building {
			c.ID = s.contracts[i].ID
			s.contracts[i] = c
			return
		}
	}
	if c.ID == "" {
		c.ID = newID()
	}
	s.contracts = append(s.contracts, c)
}
