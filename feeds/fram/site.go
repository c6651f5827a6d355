package fram

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"hearth/feeds"
)

// site is where the home is filed.
type site struct{ organization, project string }

// project is the project of the home: the one that is configured, or that of the unit.
func (s *Source) project(ctx context.Context) (string, error) {
	s.mu.Lock()
	found := or(s.cfg.Project, s.found.project)
	s.mu.Unlock()
	if found != "" {
		return found, nil
	}
	if s.cfg.Unit == "" {
		return "", feeds.Fail(feeds.Misconfigured, "project: is missing, and there is no unit to find it by")
	}
	at, err := s.find(ctx)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	s.found = at
	s.mu.Unlock()
	return at.project, nil
}

// find asks for the unit, and where that is refused looks through all projects. The first way is tried first: the
// second one lists everybody's homes.
func (s *Source) find(ctx context.Context) (site, error) {
	body, err := s.ask(ctx, "unit", s.cfg.Unit, nil)
	if err == nil {
		var u struct {
			Project string `json:"project_id"`
		}
		if err := json.Unmarshal(body, &u); err != nil {
			return site{}, feeds.Fail(feeds.Temporary, "unit: %w", err)
		}
		if isID.MatchString(u.Project) {
			return site{s.cfg.Organization, u.Project}, nil
		}
	}
	if err != nil && feeds.KindOf(err) != feeds.Misconfigured {
		return site{}, err
	}
	organizations, err := s.organizations(ctx)
	if err != nil {
		return site{}, err
	}
	for _, o := range organizations {
		projects, err := s.ids(ctx, "projects", "project_id", url.Values{"organization_id": {o}})
		if err != nil {
			return site{}, err
		}
		for _, p := range projects {
			units, err := s.ids(ctx, "units", "unit_id", url.Values{"project_id": {p}})
			if err != nil {
				return site{}, err
			}
			for _, u := range units {
				if strings.EqualFold(u, s.cfg.Unit) {
					return site{o, p}, nil
				}
			}
		}
	}
	return site{}, feeds.Fail(feeds.Misconfigured, "unit %q: is in no project that these credentials may see", s.cfg.Unit)
}

func (s *Source) organizations(ctx context.Context) ([]string, error) {
	if s.cfg.Organization != "" {
		return []string{s.cfg.Organization}, nil
	}
	return s.ids(ctx, "organizations", "organization_id", nil)
}

// ids are the ids of a list, and nothing else of it.
func (s *Source) ids(ctx context.Context, what, key string, filter url.Values) ([]string, error) {
	records, err := s.list(ctx, what, filter)
	if err != nil {
		return nil, err
	}
	var out []string
	for i, raw := range records {
		var fields map[string]json.RawMessage
		var id string
		if json.Unmarshal(raw, &fields) != nil || json.Unmarshal(fields[key], &id) != nil || id == "" {
			return nil, feeds.Fail(feeds.Temporary, "%s: record %d has no %s", what, i, key)
		}
		out = append(out, id)
	}
	return out, nil
}

// organization is the organization of the home: the one that is configured, that of the project, or the only one.
func (s *Source) organization(ctx context.Context) (string, error) {
	s.mu.Lock()
	found := or(s.cfg.Organization, s.found.organization)
	s.mu.Unlock()
	if found != "" {
		return found, nil
	}
	if s.cfg.Project != "" || s.cfg.Unit != "" {
		return s.organizationOfProject(ctx)
	}
	all, err := s.organizations(ctx)
	if err != nil {
		return "", err
	}
	if len(all) != 1 {
		return "", feeds.Fail(feeds.Misconfigured, "organization: is missing, and these credentials see %d of them", len(all))
	}
	return all[0], nil
}

func (s *Source) organizationOfProject(ctx context.Context) (string, error) {
	project, err := s.project(ctx)
	if err != nil {
		return "", err
	}
	body, err := s.ask(ctx, "project", project, nil)
	if err != nil {
		return "", err
	}
	var p struct {
		Organization string `json:"organization_id"`
	}
	if err := json.Unmarshal(body, &p); err != nil || p.Organization == "" {
		return "", feeds.Fail(feeds.Temporary, "project: the answer names no organization")
	}
	s.mu.Lock()
	s.found.organization = p.Organization
	s.mu.Unlock()
	return p.Organization, nil
}
