import { useVirtualizer } from "@tanstack/react-virtual"
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react"
import { doerOf, kindOf } from "../../log/journal/matching.ts"
import { JournalForm, journalTextId } from "./journal-form.tsx"
import { askedIn, type JournalAsked, kindNames, nothingAsked, searched } from "./journal-search.ts"
import "./journal.css"
import type { PageProps } from "./page.ts"
import { addressOf } from "./place.ts"
import { siteTimeOf } from "./site-clock.ts"
import { useJournal } from "./use-journal.ts"
import { useKeys } from "./use-keys.ts"
import { useMay } from "./use-may.ts"
import type { Campus, Entry } from "./wire.ts"
import { areaWords, entryWords } from "./words.ts"

/** A row of two lines, pixels; those on a phone are measured. */
const rowPx = 54

const whereOf = (entry: Entry, campus: Campus | undefined): string => {
  const door = campus?.doors.find(({ id }) => id === entry.door)
  if (campus !== undefined && door !== undefined) return `${areaWords(campus, door.area)} · ${door.name}`
  return campus?.devices.find(({ id }) => id === entry.device)?.name ?? entry.door ?? entry.device ?? ""
}

const textOf = (entry: Entry): string =>
  entry._tag === "Alert" ? `${entry.change.alert.title}: ${entryWords(entry).text}` : entryWords(entry).text

interface RowProps {
  readonly entry: Entry
  readonly campus: Campus | undefined
  readonly selected: boolean
  readonly onOpen: () => void
}

const Row = ({ entry, campus, selected, onOpen }: RowProps) => {
  const { at } = entryWords(entry)
  const time = siteTimeOf(at, campus?.site.timeZone ?? "UTC")
  const kind = kindNames.find((one) => one.kind === kindOf(searched(entry)))
  const where = whereOf(entry, campus)
  return (
    <button
      type="button"
      className={`journal-row ${kind?.kind ?? ""}`}
      aria-current={selected ? "true" : undefined}
      onClick={onOpen}
    >
      <time dateTime={at}>
        {time.slice(0, 10)} <strong>{time.slice(11)}</strong>
      </time>
      <span className="journal-sign" aria-hidden="true">
        {kind?.sign}
      </span>
      <span className="journal-what">
        <span className="unseen">{kind?.name}: </span>
        {textOf(entry)}
        <span className="hint">
          {where}
          {where === "" ? "" : " · "}#{entry.seq}
        </span>
      </span>
    </button>
  )
}

interface DetailProps {
  readonly entry: Entry
  readonly campus: Campus | undefined
  readonly onAsk: (asked: Partial<JournalAsked>) => void
  readonly onClose: () => void
}

/** One entry whole, as it stands in the log, and what can be looked up from it. */
const EntryDetail = ({ entry, campus, onAsk, onClose }: DetailProps) => {
  const by = doerOf(searched(entry))
  const zone = campus?.site.timeZone ?? "UTC"
  const where = whereOf(entry, campus)
  return (
    <section className="panel journal-detail" aria-labelledby="entry-title">
      <header className="panel-head">
        <h2 id="entry-title" tabIndex={-1}>
          Entry #{entry.seq}
        </h2>
        <button type="button" className="secondary" onClick={onClose}>
          Close
        </button>
      </header>
      <dl className="facts">
        <div className="whole">
          <dt>What</dt>
          <dd>{textOf(entry)}</dd>
        </div>
        <div>
          <dt>Happened</dt>
          <dd>{siteTimeOf(entryWords(entry).at, zone).replace("T", " ")}</dd>
        </div>
        <div>
          <dt>Recorded</dt>
          <dd>{siteTimeOf(entry.recordedAt, zone).replace("T", " ")}</dd>
        </div>
        {where !== "" && (
          <div className="whole">
            <dt>Where</dt>
            <dd>{where}</dd>
          </div>
        )}
      </dl>
      <div className="journal-more">
        {entry.alert !== undefined && <a href={addressOf("desk", entry.alert)}>Alert {entry.alert} at the desk</a>}
        {entry.alert !== undefined && (
          <button type="button" className="secondary" onClick={() => onAsk({ alert: entry.alert ?? "" })}>
            All of this alert
          </button>
        )}
        {entry.door !== undefined && (
          <button type="button" className="secondary" onClick={() => onAsk({ door: entry.door ?? "" })}>
            All of this door
          </button>
        )}
        {by !== undefined && (
          <button type="button" className="secondary" onClick={() => onAsk({ by })}>
            All by {by}
          </button>
        )}
      </div>
      <pre tabIndex={0} aria-label="The entry as it is recorded">
        {JSON.stringify(entry, undefined, 2)}
      </pre>
    </section>
  )
}

interface ListProps {
  readonly entries: ReadonlyArray<Entry>
  readonly campus: Campus | undefined
  readonly selected: number | undefined
  readonly onOpen: (entry: Entry) => void
}

/** Only what is on screen is drawn: a day of a busy campus has thousands of entries. */
const EntryList = ({ entries, campus, selected, onOpen }: ListProps) => {
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => entries[index]?.seq ?? index,
    overscan: 12
  })
  return (
    <div ref={scroller} className="journal-rows">
      <ul style={{ height: rows.getTotalSize() }} aria-label="Entries">
        {rows.getVirtualItems().map((item) => {
          const entry = entries[item.index]
          return entry === undefined ? null : (
            <li
              key={item.key}
              ref={rows.measureElement}
              data-index={item.index}
              aria-setsize={entries.length}
              aria-posinset={item.index + 1}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <Row {...{ entry, campus }} selected={entry.seq === selected} onOpen={() => onOpen(entry)} />
            </li>
          )
        })}
      </ul>
    </div>
  )
}

const exportAddress = (format: "csv" | "json", query: string): string =>
  `/api/v1/journal/export?format=${format}&${query}`

/** What an address asks for, until an officer asks otherwise. */
const useAsked = (of: string | undefined) => {
  const [asked, setAsked] = useState(() => askedIn(of))
  const [heeded, setHeeded] = useState(of)
  if (of !== heeded) {
    setHeeded(of)
    if (of !== undefined) setAsked(askedIn(of))
  }
  return [asked, setAsked] as const
}

/** The log, looked through: words, people, doors, kinds and times; entries that come in are shown as they come. */
export const JournalPage = ({ store, state, clock, phone, hidden, of }: PageProps) => {
  const { campus } = state
  const [asked, setAsked] = useAsked(of)
  const [followed, setFollowed] = useState(true)
  const [opened, setOpened] = useState<Entry | undefined>(undefined)
  const settled = useDeferredValue(asked)
  const following = followed && asked.to === "" && !hidden
  const found = useJournal({ store, campus, asked: settled, following })
  const mayExport = useMay("export")
  const { entries, next, reachedAt, busy, problem } = found
  useKeys({ "journal.find": () => document.getElementById(journalTextId)?.focus() })
  useEffect(() => {
    if (opened !== undefined) document.getElementById("entry-title")?.focus()
  }, [opened])
  const tally = useMemo(() => `${entries.length} ${entries.length === 1 ? "entry" : "entries"}`, [entries.length])
  return (
    <main className={opened === undefined ? "journal" : "journal with-entry"} hidden={hidden}>
      <section className="panel journal-panel" aria-labelledby="journal-title">
        <header className="panel-head">
          <h2 id="journal-title">Journal</h2>
          <p className="tally" role="status">
            {busy ? "Looking…" : `${tally}${next === undefined ? ", that is all" : ", there may be older ones"}`}
          </p>
          <label className="journal-follow">
            <input type="checkbox" checked={followed} onChange={(event) => setFollowed(event.target.checked)} />
            Follow
          </label>
          {mayExport && (
            <span className="journal-export">
              <a href={exportAddress("csv", found.query)} download>
                CSV
              </a>
              <a href={exportAddress("json", found.query)} download>
                JSON
              </a>
            </span>
          )}
        </header>
        <details className="journal-ask" key={phone ? "phone" : "desk"} open={!phone}>
          <summary>Look for</summary>
          <JournalForm {...{ asked, campus }} onAsk={setAsked} />
          {asked.alert !== "" && (
            <p className="journal-only">
              Only alert {asked.alert}{" "}
              <button type="button" className="secondary" onClick={() => setAsked({ ...asked, alert: "" })}>
                All alerts
              </button>
            </p>
          )}
        </details>
        {problem !== undefined && (
          <p role="alert" className="problem journal-problem">
            {problem}
          </p>
        )}
        {entries.length === 0 && !busy && <p className="empty">Nothing of that kind was found.</p>}
        <EntryList {...{ entries, campus }} selected={opened?.seq} onOpen={setOpened} />
        {next !== undefined && (
          <footer className="journal-foot">
            <button type="button" className="secondary" disabled={busy} onClick={found.older}>
              Look further back
            </button>
            {reachedAt !== undefined && <span className="hint">looked through to {clock(reachedAt)}</span>}
          </footer>
        )}
      </section>
      {opened !== undefined && (
        <EntryDetail
          entry={opened}
          campus={campus}
          onAsk={(more) => setAsked({ ...nothingAsked, ...more })}
          onClose={() => setOpened(undefined)}
        />
      )}
    </main>
  )
}
