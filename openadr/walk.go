package openadr

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// Bounds of a walk over the pages of a list. A VTN gives neither a total nor an order.
const (
	pageLimit = 50     // the most the schema lets us ask for
	maxPages  = 500    // a VTN that hands out ever new ids must come to an end
	maxRows   = 25_000 // what pageLimit and maxPages give; one that ignores the limit gets no more

	// keptBodies is how many of the largest answers the objects of one list may fill: 64 MiB as it is configured.
	// What is left out does not count.
	keptBodies = 8
)

// walk reads the whole of a list.
func walk[T object](ctx context.Context, c *Client, query url.Values, path ...string) (List[T], error) {
	return newCollector[T](nil).walk(ctx, c, query, path...)
}

// walk reads page after page, and holds one page besides what it collects. It advances by what it received, for
// VTNs cap the limit as they please: a short page is not the last, an empty one is. A page that brings nothing
// new ends the walk as well, because some VTNs ignore skip and send the same page for ever.
func (p *collector[T]) walk(ctx context.Context, c *Client, query url.Values, path ...string) (List[T], error) {
	op := "get " + path[len(path)-1]
	skip := 0
	for range maxPages {
		u := c.base.JoinPath(path...)
		query.Set("skip", strconv.Itoa(skip))
		query.Set("limit", strconv.Itoa(pageLimit))
		u.RawQuery = query.Encode()
		body, err := c.do(ctx, request{op: op, method: http.MethodGet, url: u})
		if err != nil {
			return List[T]{}, err
		}
		count, fresh, err := p.add(body)
		if err != nil {
			return List[T]{}, shapeError(op, err)
		}
		if fresh == 0 {
			return p.result(), nil
		}
		if skip += count; skip > maxRows || int64(p.size) > keptBodies*c.cfg.MaxBody {
			break
		}
	}
	detail := fmt.Sprintf("more than %d pages, %d objects or %d bytes", maxPages, maxRows, keptBodies*c.cfg.MaxBody)
	return List[T]{}, &Error{Op: op, Kind: TooLarge, Detail: detail}
}
