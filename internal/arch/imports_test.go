package arch

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "hearth"

// A room is a package, or a folder of them ("feeds/*"), with what it may import of this module.
// Imports of std and of other modules are judged below.
type room struct {
	folder string
	may    []string // folders; "x/*" means any package below x
	why    string   // why nothing else
}

// The order, from the top of the house to its foundation. The first room that fits a package counts.
var rooms = []room{
	{"cmd/agent", []string{"*"}, ""},
	{"cmd/vtn", []string{"openadr", "openadr/vtn", "internal/mdns"}, "the server of a building has no home to run"},
	{"configs", nil, "samples are text"},
	{"internal/arch", nil, "it reads the others as text"},
	{"internal/agent/decide", []string{"energy", "devices", "scheduler"}, "a decision is a pure function of its input: what it could fetch by itself, a replay could not repeat"},
	{"internal/agent/protect", []string{"devices", "energy"}, "what a fuse bears must not depend on what was planned, and a replay must lower what the cellar lowered"},
	{"internal/agent/metrics", []string{"energy"}, "metrics are told, they do not ask"},
	{"internal/agent/edge", nil, "it says that something has changed, whatever that is"},
	{"internal/agent/listen", []string{"internal/agent/decide", "internal/agent/edge", "internal/agent/metrics", "internal/config", "openadr/ven", "feeds", "feeds/keep", "tariff", "storage", "api", "energy"},
		"what is made of a word must not depend on who says it: servers, sources and the month's counts are handed in, and nothing points back to the agent"},
	{"internal/agent/measured", []string{"internal/agent/decide", "internal/agent/edge", "internal/config", "devices", "tariff", "forecast", "storage", "api", "energy"},
		"what was measured is so whoever says what; prices are handed in"},
	{"internal/agent/answer", []string{"internal/agent/decide", "internal/config", "openadr/report", "devices", "storage", "api", "energy"},
		"what is told of the home does not depend on who asks"},
	{"internal/agent/line", []string{"internal/agent/answer", "internal/agent/listen", "internal/config", "internal/pace", "openadr", "openadr/*", "api", "energy"},
		"one operator's line knows nothing of another's; what is made of his word is for the others to say"},
	{"internal/agent/hand", []string{"openadr", "feeds", "energy"}, "a fake that knew what it is held before would agree with its mistakes"},
	{"internal/agent", []string{"internal/*", "openadr/*", "openadr", "feeds/*", "feeds", "devices/*", "devices", "scheduler", "tariff", "forecast", "usage", "storage", "api", "energy"},
		"the agent must not know that a simulation exists: what it meets in the demo is what it meets in a cellar"},
	{"internal/config", []string{"devices/profiles", "feeds", "tariff", "energy"}, "configuration is read before anything is built, so it cannot need what it configures"},
	{"internal/console", []string{"feeds", "energy"}, "it prints what it is handed"},
	{"internal/mdns", nil, "who is on the network is the same question for every protocol"},
	{"internal/clock", nil, "everything waits by it, so it waits for nothing"},
	{"internal/pace", nil, "how long to wait is pure, so that a hundred thousand homes can be tried on a desk"},
	{"sim/*", []string{"energy"}, "the physics of the house know nothing of wires"},
	{"sim", []string{"sim/*", "openadr", "openadr/vtn", "internal/clock", "energy"}, "the simulated home is met over sockets only; sharing code with the agent would let both be wrong together"},
	{"openadr/fleet", nil, "it holds tests only: homes that meet a made-up server"},
	{"openadr/push", []string{"openadr", "energy"}, "what a VTN pushes is a reason to poll; what could reach the engine from here would be believed unasked"},
	{"openadr/enrol", []string{"openadr", "energy"}, "being known to an operator is a matter of its own: prices come without, so nothing that follows them may need it"},
	{"openadr/report", []string{"openadr", "energy"}, "what is owed is pure: the engine keeps and sends"},
	{"openadr/interop", nil, "it holds tests only: what meets other people's software is of no use to ours"},
	{"openadr/ven", []string{"openadr", "openadr/report", "internal/clock", "energy"}, "the VEN yields series; what is done with them is the agent's business"},
	{"openadr/outbox", []string{"openadr", "openadr/report", "energy"}, "what is owed and who measures it is handed in; it sends"},
	{"openadr/v20b", []string{"openadr", "openadr/report", "energy"}, "the engine above does not know that there is an older version, so nothing of the engine may be known here"},
	{"openadr/vtn", []string{"openadr", "energy"}, "a VTN that shares the VEN's engine would agree with its mistakes"},
	{"openadr", []string{"energy"}, "wire types are the bottom of their protocol"},
	{"feeds", []string{"energy"}, "the contract of sources is below every source"},
	{"feeds/wire", []string{"feeds", "energy"}, "how to ask is below everybody who asks"},
	{"feeds/reading", []string{"feeds", "energy"}, "what only the owner can describe (an answer, a roof) is read in one way; it asks nobody"},
	{"feeds/keep", []string{"feeds", "energy"}, "whoever keeps values must not know whose they are"},
	{"feeds/feedtest", []string{"feeds", "feeds/keep", "energy"}, "one suite judges all sources, so it must not know any"},
	{"feeds/fram/rate", []string{"feeds", "energy"}, "how a rate is read is pure; it asks nobody"},
	{"feeds/fram", []string{"feeds", "feeds/wire", "feeds/fram/rate", "energy"}, "a source must be removable without touching another; how a rate is read is its own"},
	{"feeds/*", []string{"feeds", "feeds/wire", "feeds/reading", "energy"}, "a source must be removable without touching another"},
	{"devices/profiles", []string{"energy"}, "profiles are data"},
	{"devices/devicetest", []string{"devices", "devices/guard", "devices/profiles", "energy"}, "one suite judges all drivers, so it must not know any"},
	{"devices/guard", []string{"devices", "energy"}, "safety must not depend on which wire a device hangs on"},
	{"devices/*", []string{"devices", "devices/profiles", "energy"}, "a driver must be removable without touching another; what two need is a role (devices) or a noun (energy)"},
	{"devices", []string{"energy"}, "roles are below every driver"},
	{"scheduler/corpus", []string{"scheduler", "energy"}, "made-up problems may know the format, and nothing of the solver they measure"},
	{"scheduler", []string{"scheduler/internal/*", "energy"}, "planning is pure: it gets a problem and gives a plan"},
	{"scheduler/internal/milp", []string{"scheduler", "energy"}, "a second opinion that shares code with the solver would share its mistakes"},
	{"scheduler/internal/*", []string{"scheduler/internal/*", "energy"}, "the solver's parts are below its face"},
	{"tariff", []string{"energy"}, "rules are pure"},
	{"forecast", []string{"energy"}, "forecasts are pure"},
	{"usage", []string{"energy"}, "analytics are pure"},
	{"storage", []string{"energy"}, "the store keeps bytes and readings; it must open whatever the other packages have become"},
	{"api", []string{"energy"}, "the page shows what it is handed; the agent hands it"},
	{"energy", nil, "the nouns are the foundation"},
}

func TestImports_PointDownwards(t *testing.T) {
	seen := map[string]bool{}
	walk(t, func(folder, file string, imports []string) {
		r, ok := roomOf(folder)
		if !ok {
			t.Errorf("%s: folder %q has no room in the house: give it one, with its reason, or put the code where it belongs", file, folder)
			return
		}
		seen[r.folder] = true
		isTest := strings.HasSuffix(file, "_test.go")
		for _, imported := range imports {
			target, ours := strings.CutPrefix(imported, module+"/")
			if !ours || isTest {
				continue // a test may use its neighbours as peers
			}
			if !slices.ContainsFunc(r.may, func(pattern string) bool { return fits(pattern, target) }) {
				t.Errorf("%s imports %s: %s may not, because %s", file, target, folder, r.why)
			}
		}
	})
	if len(seen) < 10 {
		t.Errorf("only %d rooms were visited: the test looks in the wrong place", len(seen))
	}
}

// foreign says which packages may touch a library that must stay replaceable.
var foreign = map[string][]string{
	"github.com/eclipse/paho.mqtt.golang": {"devices/mqtt", "devices/discover", "openadr/push", "sim/tasmota", "openadr/vtn"},
	"github.com/goburrow/modbus":          {"devices/modbus"},
	"github.com/goburrow/serial":          {"devices/modbus"},
	"go.etcd.io/bbolt":                    {"storage"},
	"github.com/prometheus/client_golang": {"internal/agent/metrics"},
	"github.com/goccy/go-yaml":            {"internal/config"},
	"github.com/alexflint/go-arg":         {"cmd/agent"},
	"github.com/danielgtaylor/huma":       {"api"},
	"github.com/mochi-mqtt/server":        {"sim"},
	"github.com/simonvetter/modbus":       {"sim/slave"},
	"github.com/coreos/go-systemd":        {"internal/agent"},
	"github.com/rickar/cal":               {"tariff"},
}

func TestImports_KeepEachLibraryInOneRoom(t *testing.T) {
	walk(t, func(folder, file string, imports []string) {
		if strings.HasSuffix(file, "_test.go") {
			return
		}
		for _, imported := range imports {
			first, _, _ := strings.Cut(imported, "/")
			if imported == module || !strings.Contains(first, ".") {
				continue
			}
			allowed, known := []string(nil), false
			for library, where := range foreign {
				if imported == library || strings.HasPrefix(imported, library+"/") {
					allowed, known = where, true
				}
			}
			if !known {
				t.Errorf("%s imports %s, which docs/dependencies.md does not place: one library, one room", file, imported)
			} else if !slices.Contains(allowed, folder) {
				t.Errorf("%s imports %s: only %v may, so that it can be replaced in one place", file, imported, allowed)
			}
		}
	})
}

// The pure rooms do nothing that a replay could not repeat.
func TestImports_PureRoomsTouchNoWorld(t *testing.T) {
	pure := []string{"energy", "scheduler", "scheduler/corpus", "scheduler/internal/*", "forecast", "tariff", "openadr/report", "feeds/fram/rate", "usage", "internal/agent/decide", "internal/agent/protect", "devices/profiles", "devices/appliance"}
	world := []string{"net", "net/http", "os", "os/exec", "math/rand", "log", "log/slog", "syscall"}
	walk(t, func(folder, file string, imports []string) {
		if strings.HasSuffix(file, "_test.go") || !slices.ContainsFunc(pure, func(p string) bool { return fits(p, folder) }) {
			return
		}
		for _, imported := range imports {
			if slices.Contains(world, imported) {
				t.Errorf("%s imports %s: %s is pure, it must give the same answer on a desk as in a cellar", file, imported, folder)
			}
		}
	})
}

func TestFits(t *testing.T) {
	for _, c := range []struct {
		pattern, folder string
		want            bool
	}{
		{"devices", "devices", true}, {"devices", "devices/mqtt", false}, {"devices/*", "devices/mqtt", true},
		{"devices/*", "devices", false}, {"*", "sim", true}, {"internal/*", "internal/agent/metrics", true},
	} {
		if fits(c.pattern, c.folder) != c.want {
			t.Errorf("fits(%q, %q) is not %v", c.pattern, c.folder, c.want)
		}
	}
}

func roomOf(folder string) (room, bool) {
	for _, r := range rooms {
		if fits(r.folder, folder) {
			return r, true
		}
	}
	return room{}, false
}

func fits(pattern, folder string) bool {
	if above, deep := strings.CutSuffix(pattern, "*"); deep {
		return strings.HasPrefix(folder, above)
	}
	return pattern == folder
}

// walk visits every Go file of the module with its folder and imports.
func walk(t *testing.T, visit func(folder, file string, imports []string)) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != root || d.Name() == "node_modules" || d.Name() == "tools") {
			return filepath.SkipDir
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		var imports []string
		for _, spec := range f.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imports = append(imports, p)
		}
		rel, err := filepath.Rel(root, name)
		visit(filepath.ToSlash(filepath.Dir(rel)), filepath.ToSlash(rel), imports)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
