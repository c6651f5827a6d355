import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Live } from '../src/lib/live.svelte'

/** A stream in the test's hand. */
class Stream {
  static opened: Stream[] = []
  isClosed = false
  onerror: (() => void) | null = null
  private listener: ((e: { data: string }) => void) | undefined

  constructor(readonly url: string) {
    Stream.opened.push(this)
  }

  addEventListener(_name: string, listener: (e: { data: string }) => void) {
    this.listener = listener
  }

  close() {
    this.isClosed = true
  }

  say(data: string) {
    if (!this.isClosed) this.listener?.({ data })
  }
}

const home = (revision: number) => JSON.stringify({ revision, name: `home ${revision}` })
const latest = () => Stream.opened.at(-1)!
let asked: string[] = []
let answer: () => Promise<unknown>

beforeEach(() => {
  vi.useFakeTimers()
  Stream.opened = []
  asked = []
  answer = () => Promise.resolve({ ok: true, json: () => Promise.resolve({ revision: asked.length }) })
  vi.stubGlobal('EventSource', Stream)
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url)
    return answer()
  })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('the stream', () => {
  it('shows each home that comes', () => {
    const live = new Live()
    live.open()
    latest().say(home(1))
    expect(live.home?.name).toBe('home 1')
    expect(live.isLost).toBe(false)
    live.close()
  })

  it('is opened again after a break, later each time, and keeps what it showed', () => {
    const live = new Live()
    live.open()
    latest().say(home(1))
    for (const wait of [1000, 2000, 4000, 8000, 15000, 15000]) {
      const before = Stream.opened.length
      latest().onerror?.()
      expect(live.isLost).toBe(true)
      expect(live.home?.name).toBe('home 1')
      vi.advanceTimersByTime(wait - 1)
      expect(Stream.opened.length).toBe(before)
      vi.advanceTimersByTime(1)
      expect(Stream.opened.length).toBe(before + 1)
    }
    latest().say(home(2))
    expect(live.isLost).toBe(false)
    latest().onerror?.()
    vi.advanceTimersByTime(1000)
    expect(Stream.opened.length).toBe(8)
    live.close()
  })

  it('is never open twice', () => {
    const live = new Live()
    live.open()
    live.open()
    expect(Stream.opened.filter((s) => !s.isClosed)).toHaveLength(1)
    live.close()
    expect(Stream.opened.every((s) => s.isClosed)).toBe(true)
  })

  it('counts as lost when it is silent for too long', () => {
    const live = new Live()
    live.open()
    latest().say(home(1))
    vi.advanceTimersByTime(89_999)
    expect(live.isLost).toBe(false)
    vi.advanceTimersByTime(1)
    expect(live.isLost).toBe(true)
    live.close()
  })

  it('counts as lost when it says half a word', () => {
    const live = new Live()
    live.open()
    latest().say('{"revision":')
    expect(live.isLost).toBe(true)
    live.close()
  })

  it('stays closed when it was closed', () => {
    const live = new Live()
    live.open()
    latest().onerror?.()
    live.close()
    vi.advanceTimersByTime(600_000)
    expect(Stream.opened).toHaveLength(1)
  })
})

describe('the timeline', () => {
  it('is fetched when the home has a newer one, and not before two seconds have passed', async () => {
    const live = new Live()
    live.open()
    latest().say(home(1))
    await vi.advanceTimersByTimeAsync(0)
    expect(live.timeline?.revision).toBe(1)
    latest().say(home(1))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toEqual(['api/v1/timeline'])
    latest().say(home(2))
    latest().say(home(3))
    await vi.advanceTimersByTimeAsync(0)
    latest().say(home(4))
    await vi.advanceTimersByTimeAsync(1999)
    expect(asked).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(asked).toHaveLength(3)
    live.close()
  })

  it('is asked for again after a fault, and the old one stays', async () => {
    const live = new Live()
    live.open()
    latest().say(home(1))
    await vi.advanceTimersByTimeAsync(0)
    answer = () => Promise.reject(new Error('gone'))
    latest().say(home(2))
    await vi.advanceTimersByTimeAsync(5000)
    expect(live.timeline?.revision).toBe(1)
    answer = () => Promise.resolve({ ok: true, json: () => Promise.resolve({ revision: 2 }) })
    latest().say(home(2))
    await vi.advanceTimersByTimeAsync(5000)
    expect(live.timeline?.revision).toBe(2)
    live.close()
  })
})
