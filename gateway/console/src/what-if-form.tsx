import { useState } from "react"
import { instantOfSiteTime, siteTimeOf } from "./site-clock.ts"
import type { Campus } from "./wire.ts"
import { areaWords } from "./words.ts"
import { beginnings, changeOf, doorTimes, isComplete, type TypedTimes } from "./what-if-change.ts"
import type { WhatIf } from "./use-replay.ts"

const hourMs = 3_600_000

const spans = [
  { hours: 24, text: "Last 24 hours" },
  { hours: 7 * 24, text: "Last 7 days" },
  { hours: 30 * 24, text: "Last 30 days" }
] as const

/** As an input of type `datetime-local` has it, to the minute. */
const fieldText = (atMs: number, timeZone: string): string =>
  siteTimeOf(new Date(atMs).toISOString(), timeZone).slice(0, "2026-03-02T10:02".length)

interface SpanProps {
  readonly timeZone: string
  readonly nowMs: number
  readonly from: string
  readonly to: string
  readonly onChange: (from: string, to: string) => void
}

const SpanFields = ({ timeZone, nowMs, from, to, onChange }: SpanProps) => (
  <fieldset className="what-if-span">
    <legend>Over which time</legend>
    <div className="span-presets">
      {spans.map(({ hours, text }) => (
        <button
          key={hours}
          type="button"
          className="secondary"
          onClick={() => onChange(fieldText(nowMs - hours * hourMs, timeZone), fieldText(nowMs, timeZone))}
        >
          {text}
        </button>
      ))}
    </div>
    <div className="span-fields">
      <label className="field">
        From
        <input type="datetime-local" required value={from} onChange={(event) => onChange(event.target.value, to)} />
      </label>
      <label className="field">
        Until
        <input type="datetime-local" required value={to} onChange={(event) => onChange(from, event.target.value)} />
      </label>
    </div>
    <p className="hint">By the clocks of {timeZone}.</p>
  </fieldset>
)

interface DoorProps {
  readonly campus: Campus
  readonly door: string
  readonly typed: TypedTimes
  readonly onDoor: (id: string) => void
  readonly onType: (typed: TypedTimes) => void
}

const every = "*"

const DoorFields = ({ campus, door, typed, onDoor, onType }: DoorProps) => {
  const times = campus.doors.find(({ id }) => id === door)?.times ?? {}
  return (
    <>
      <label className="field">
        Door
        <select value={door} onChange={(event) => onDoor(event.target.value)}>
          <option value={every}>Every door</option>
          {campus.doors.map(({ id, name, area }) => (
            <option key={id} value={id}>
              {name} ({areaWords(campus, area)})
            </option>
          ))}
        </select>
      </label>
      <div className="time-fields">
        {doorTimes.map(({ key, text, unit }) => (
          <label key={key} className="field">
            {text} ({unit})
            <input
              type="number"
              min={0}
              step="any"
              inputMode="decimal"
              placeholder={times[key] === undefined ? "as it is" : `${times[key]} now`}
              value={typed[key] ?? ""}
              onChange={(event) => onType({ ...typed, [key]: event.target.value })}
            />
          </label>
        ))}
      </div>
    </>
  )
}

interface TextProps {
  readonly campus: Campus
  readonly text: string
  readonly onChange: (text: string) => void
}

const TextField = ({ campus, text, onChange }: TextProps) => (
  <>
    <label className="field">
      Begin with what is in force
      <select
        value=""
        onChange={(event) => {
          const chosen = beginnings(campus)[Number(event.target.value)]
          if (chosen !== undefined) onChange(chosen.text)
        }}
      >
        <option value="">Choose a rule, a schedule or a door …</option>
        {beginnings(campus).map(({ name }, nth) => (
          <option key={name} value={nth}>
            {name}
          </option>
        ))}
      </select>
    </label>
    <label className="field">
      Sections of a configuration
      <textarea
        rows={10}
        spellCheck={false}
        value={text}
        placeholder={"doors:\n  - id: gym-entrance\n    times: { heldOpenSeconds: 90 }"}
        onChange={(event) => onChange(event.target.value)}
      />
      <span className="hint">
        Doors, schedules, rules …: an item takes the place of the one with its id, key by key. A text with a site
        section is a whole configuration.
      </span>
    </label>
    <label className="field">
      Or a file
      <input
        type="file"
        accept=".yaml,.yml"
        onChange={(event) => void event.target.files?.[0]?.text().then(onChange)}
      />
    </label>
  </>
)

interface FormProps {
  readonly campus: Campus
  readonly nowMs: number
  readonly busy: boolean
  readonly onStart: (asked: WhatIf) => void
}

/** What to change, and over which time. */
export const WhatIfForm = ({ campus, nowMs, busy, onStart }: FormProps) => {
  const { timeZone } = campus.site
  const [from, setFrom] = useState(() => fieldText(nowMs - 7 * 24 * hourMs, timeZone))
  const [to, setTo] = useState(() => fieldText(nowMs, timeZone))
  const [by, setBy] = useState<"times" | "text">("times")
  const [door, setDoor] = useState<string>(campus.doors[0]?.id ?? every)
  const [typed, setTyped] = useState<TypedTimes>({})
  const [text, setText] = useState("")
  const doors = door === every ? campus.doors.map(({ id }) => id) : [door]
  const [begin, end] = [instantOfSiteTime(from, timeZone), instantOfSiteTime(to, timeZone)]
  const ready =
    begin !== undefined && end !== undefined && begin < end && (by === "times" ? isComplete(typed) : text.trim() !== "")
  const kinds = [
    { value: "times", words: "Times of a door" },
    { value: "text", words: "Configuration text: rules, schedules, anything" }
  ] as const
  return (
    <form
      className="panel what-if-form"
      aria-label="What to try"
      onSubmit={(event) => {
        event.preventDefault()
        if (!ready || busy) return
        const change = by === "times" ? changeOf(campus, doors, typed) : text
        onStart({ from: begin, to: end, change })
      }}
    >
      <SpanFields
        {...{ timeZone, nowMs, from, to }}
        onChange={(first, last) => {
          setFrom(first)
          setTo(last)
        }}
      />
      <fieldset>
        <legend>What would be different</legend>
        {kinds.map(({ value, words }) => (
          <label key={value} className="choice">
            <input type="radio" name="what-if-by" checked={by === value} onChange={() => setBy(value)} />
            <span>{words}</span>
          </label>
        ))}
        <div className="stack">
          {by === "times" ? (
            <DoorFields {...{ campus, door, typed }} onDoor={setDoor} onType={setTyped} />
          ) : (
            <TextField {...{ campus, text }} onChange={setText} />
          )}
        </div>
      </fieldset>
      <button type="submit" className="primary" disabled={!ready || busy}>
        See what would have happened
      </button>
      <p className="hint">The recorded log is only read. Nothing is written, sent or changed.</p>
    </form>
  )
}
