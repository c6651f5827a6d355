# make demo    the agent running a simulated home; prints the page's address
# make test    every test, with the real peers; installs them from Debian when it is root
# make check   format, vet, lint, unit files, cross-builds
# make oracle  the plans of hundreds of random homes against general solvers (HiGHS, CBC); minutes
# make interop our OpenADR client against others' software (openleadr-rs, Prism); builds it once, see docs/interop.md
# make race    how long HiGHS takes for what the planner proves, on the benchmark problems; most of an hour
# make bench   benchmarks    make build   bin/hearth    make web   the page    make vuln   known vulnerabilities

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS  := -s -w -X main.version=$(VERSION)
# What is not hot is not inlined: a tenth of the binary. What plans and counts is (docs/adr/0015).
GCFLAGS  := -gcflags=all=-l $(foreach p,runtime internal/runtime/... hearth/scheduler/... hearth/energy,-gcflags=$(p)=)
# Nobody here opens streams of HTTP/2 (docs/adr/0017).
GOBUILD  := CGO_ENABLED=0 go build -tags nethttpomithttp2 -trimpath -buildvcs=false $(GCFLAGS) -ldflags "$(LDFLAGS)"
WEB      := $(shell find web -path web/node_modules -prune -o -type f -print 2>/dev/null)
TARGETS  := linux/amd64/- linux/arm64/- linux/arm/7 linux/arm/6
BUDGET   := 20000000

.PHONY: demo test test-go test-web peers oracle interop race check lint cross units bench build web vuln clean

DEMO     ?= --speed 600

demo: build
	bin/hearth demo $(DEMO)

build: web
	@mkdir -p bin
	$(GOBUILD) -o bin/hearth ./cmd/agent
	@size=$$(wc -c < bin/hearth); echo "bin/hearth: $$size bytes"; \
	  if [ $$size -ge $(BUDGET) ]; then echo "bin/hearth is over its budget of $(BUDGET) bytes"; exit 1; fi

# The page. Without Node the agent still builds, and serves a plain page that says so.
web: api/dist/index.html

api/dist/index.html: $(WEB)
	@if command -v npm >/dev/null; then \
	  cd web && npm ci --no-audit --no-fund --loglevel=error && npm run build; \
	else echo "no Node: the page is left plain (make web builds it once Node is there)"; fi

peers:
	@sh scripts/peers.sh

test: peers web test-web test-go

test-web:
	cd web && npm run check && npm test

test-go:
	HEARTH_REQUIRE_PEERS=1 CGO_ENABLED=1 go test -race -timeout 15m ./...

# HOMES is how many are drawn; HEARTH_ORACLE_SEED=... draws those of an earlier run.
HOMES    ?= 1000

oracle:
	@sh tools/oracle/setup.sh
	HEARTH_ORACLE=$(HOMES) go test ./scheduler/internal/milp -run '^TestOracle_' -v -count=1 -timeout 30m

interop:
	@sh scripts/interop.sh

# LIMIT is how many seconds HiGHS gets for each problem.
LIMIT    ?= 60

race:
	@sh tools/oracle/setup.sh
	HEARTH_RACE=$(LIMIT) go test ./scheduler/internal/milp -run '^TestRace_' -v -count=1 -timeout 3h

check: lint units cross

lint:
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "not formatted:"; echo "$$out"; exit 1; fi
	go vet ./...
	cd tools && go build -o ../bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	GOLANGCI_LINT_CACHE=$(CURDIR)/bin/.lint bin/golangci-lint run ./...

units:
	@sh scripts/units.sh

cross: web
	@for t in $(TARGETS); do \
	  os=$${t%%/*}; rest=$${t#*/}; arch=$${rest%%/*}; arm=$${rest#*/}; [ $$arm = - ] && arm=; \
	  echo "build $$os $$arch $$arm"; \
	  GOOS=$$os GOARCH=$$arch GOARM=$$arm $(GOBUILD) -o bin/hearth-$$os-$$arch$${arm:+v$$arm} ./cmd/agent || exit 1; \
	done

bench:
	go test -run '^$$' -bench . -benchmem ./...

vuln:
	@sh scripts/vuln.sh

clean:
	rm -rf bin web/node_modules tools/oracle/node_modules api/dist/assets api/dist/index.html
