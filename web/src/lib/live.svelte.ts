// The home as it changes: one stream for the page, opened again whenever it breaks.

import type { Home, Timeline } from './view'

// The server writes the home at least once a minute; after this much silence the connection is dead even
// where nobody closed it (a laptop that slept, a phone that changed networks).
const silence = 90_000

const firstWait = 1_000
const longestWait = 15_000

// With a fast clock the timeline changes all the time; the chart need not be drawn more often than this.
const timelineGap = 2_000

export class Live {
  home = $state.raw<Home | null>(null)
  timeline = $state.raw<Timeline | null>(null)
  isLost = $state(false)

  private stream: EventSource | undefined
  private retry: ReturnType<typeof setTimeout> | undefined
  private watch: ReturnType<typeof setTimeout> | undefined
  private refresh: ReturnType<typeof setTimeout> | undefined
  private wait = firstWait
  private loadedAt = -Infinity
  private isLoading = false

  constructor(private readonly base = 'api/v1') {}

  open(): void {
    this.close()
    const stream = new EventSource(`${this.base}/stream`)
    this.stream = stream
    stream.addEventListener('home', (event) => this.take(event.data as string))
    stream.onerror = () => this.lose()
    this.listen()
  }

  /** Ends the stream without a word; what is shown stays. */
  close(): void {
    this.stream?.close()
    this.stream = undefined
    clearTimeout(this.retry)
    clearTimeout(this.watch)
    clearTimeout(this.refresh)
    this.refresh = undefined
  }

  private take(data: string): void {
    try {
      this.home = JSON.parse(data) as Home
    } catch {
      return this.lose() // half an event: a proxy cut it off
    }
    this.isLost = false
    this.wait = firstWait
    this.listen()
    this.follow()
  }

  private lose(): void {
    this.close()
    this.isLost = true
    // Not EventSource's own retry: it gives up for good on an answer such as 503.
    this.retry = setTimeout(() => this.open(), this.wait)
    this.wait = Math.min(2 * this.wait, longestWait)
  }

  private listen(): void {
    clearTimeout(this.watch)
    this.watch = setTimeout(() => this.lose(), silence)
  }

  /** Loads the timeline when the home has a newer one. */
  private follow(): void {
    if (this.refresh !== undefined || this.isLoading || this.home?.revision === this.timeline?.revision) return
    const due = this.loadedAt + timelineGap - performance.now()
    this.refresh = setTimeout(() => void this.load(), Math.max(0, due))
  }

  private async load(): Promise<void> {
    this.refresh = undefined
    this.isLoading = true
    this.loadedAt = performance.now()
    try {
      const answer = await fetch(`${this.base}/timeline`, { signal: AbortSignal.timeout(10_000) })
      if (answer.ok) this.timeline = (await answer.json()) as Timeline
    } catch {
      // The stream notices a lost connection and says so; the next event asks again.
    } finally {
      this.isLoading = false
    }
  }
}
