package fram

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"hearth/feeds"
)

// site is where the home is filed: ids, empty where nobody has said or asked.
type site struct{ organization, project string }

// known is the site, with what was found of it just now.
func (s *Source) known(now site) site {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found = site{cmp.Or(s.found.organization, now.organization), cmp.Or(s.found.project, now.project)}
	return s.found
}

// project is the project of the home: the one that is configured, or that of the unit.
func (s *Source) project(ctx context.Context) (string, error) {
	at := s.known(site{})
	if at.project != "" {
		return at.project, nil
	}
	if s.cfg.Unit == "" {
		return "", feeds.Fail(feeds.Misconfigured, "project: is missing, and there is no unit to find it by")
	}
	at, err := s.find(ctx)
	return s.known(at).project, err
}

// find asks for the unit, and where it may not be asked for looks through all projects. The first way is tried first:
// the second one lists everybody's homes.
func (s *Source) find(ctx context.Context) (site, error) {
	u, err := s.one(ctx, "unit", s.cfg.Unit)
	if project := u.Text("project_id"); isID.MatchString(project) {
		return site{project: project}, nil
	}
	if status := feeds.StatusOf(err); err != nil && status != http.StatusForbidden && status != http.StatusNotFound {
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
	records, err := s.records(ctx, what, filter)
	if err != nil {
		return nil, err
	}
	var out []string
	for i, n := range records {
		id := n.Text(key)
		if id == "" {
			return nil, feeds.Fail(feeds.Temporary, "%s: record %d has no %s", what, i, key)
		}
		out = append(out, id)
	}
	return out, nil
}

// organization is the organization of the home: the one that is configured, that of the project, or the only one.
func (s *Source) organization(ctx context.Context) (string, error) {
	if s.cfg.Project == "" && s.cfg.Unit == "" {
		all, err := s.organizations(ctx)
		if err == nil && len(all) != 1 {
			err = feeds.Fail(feeds.Misconfigured, "organization: is missing, and these credentials see %d of them", len(all))
		}
		if err != nil {
			return "", err
		}
		return all[0], nil
	}
	if at := s.known(site{}); at.organization != "" {
		return at.organization, nil
	}
	project, err := s.project(ctx)
	if err != nil {
		return "", err
	}
	p, err := s.one(ctx, "project", project)
	if err == nil && p.Text("organization_id") == "" {
		err = feeds.Fail(feeds.Temporary, "project: the answer names no organization")
	}
	return s.known(site{organization: p.Text("organization_id")}).organization, err
}
