import { useState } from "react"
import { api } from "./api.ts"
import "./gaps.css"
import type { PageProps } from "./page.ts"
import { BeginServiceDialog } from "./service-dialog.tsx"
import { useActions } from "./use-actions.ts"
import { useMay } from "./use-may.ts"
import type { Campus, Gap } from "./wire.ts"
import { ageWords, areaWords, leftWords, priorityWord } from "./words.ts"

/** The severity's sign: never colour alone. */
const signs = { 1: "!!", 2: "!", 3: "▲", 4: "·" } as const

const whereOf = (gap: Gap, campus: Campus | undefined): string => {
  const door = campus?.doors.find(({ id }) => id === gap.door)
  const area = gap.area ?? door?.area
  return campus === undefined || area === undefined ? "" : areaWords(campus, area)
}

/** Whether people made it, and can end it here. */
const isServiced = ({ kind }: Gap): boolean => kind === "maintenance" || kind === "bypass"

interface RowProps {
  readonly gap: Gap
  readonly campus: Campus | undefined
  readonly clock: (at: string) => string
  readonly nowMs: number
  readonly busy: boolean
  /** Absent: who looks may not end it. */
  readonly onEnd: (() => void) | undefined
}

const Row = ({ gap, campus, clock, nowMs, busy, onEnd }: RowProps) => {
  const where = whereOf(gap, campus)
  return (
    <li className={`gap severity-${gap.severity}`}>
      <p className="gap-severity">
        <span aria-hidden="true">{signs[gap.severity]}</span> {priorityWord[gap.severity]}
      </p>
      <div className="gap-what">
        <h3>{gap.title}</h3>
        {where !== "" && <p className="gap-where">{where}</p>}
        <p className="gap-why">{gap.reason}</p>
        <p className="gap-todo">{gap.todo}</p>
      </div>
      <dl className="gap-facts">
        <div>
          <dt>Owner</dt>
          <dd>{gap.owner}</dd>
        </div>
        {gap.since !== undefined && (
          <div>
            <dt>For</dt>
            <dd>
              <time dateTime={gap.since}>{ageWords(gap.since, nowMs)}</time>
            </dd>
          </div>
        )}
        {gap.until !== undefined && (
          <div>
            <dt>Ends</dt>
            <dd>
              <time dateTime={gap.until}>{clock(gap.until).slice(0, 5)}</time> ({leftWords(gap.until, nowMs)} left)
            </dd>
          </div>
        )}
      </dl>
      {isServiced(gap) && onEnd !== undefined && (
        <button type="button" className="secondary" disabled={busy} onClick={onEnd}>
          End now<span className="unseen">: {gap.title}</span>
        </button>
      )}
    </li>
  )
}

/** Everything that is not protected right now, worst first, and the work that takes things out of service. */
export const GapsPage = ({ store, state, clock, nowMs }: PageProps) => {
  const { gaps, gapsTotal: total, campus, loaded } = state
  const { busy, problem, attempt: act } = useActions(store)
  const mayServe = useMay("take-out-of-service")
  const [asking, setAsking] = useState(false)
  const begin = (deed: () => Promise<unknown>): void =>
    void act(deed).then((done) => {
      if (done) setAsking(false)
    })
  return (
    <main className="gaps">
      <section className="panel gaps-panel" aria-labelledby="gaps-title">
        <header className="panel-head">
          <h2 id="gaps-title">Not protected now</h2>
          <p className="tally" role="status">
            {total === 0 ? "" : `${total} ${total === 1 ? "gap" : "gaps"}, worst first`}
          </p>
          {mayServe && (
            <button type="button" className="secondary" onClick={() => setAsking(true)}>
              Begin maintenance…
            </button>
          )}
        </header>
        {problem !== undefined && !asking && (
          <p role="alert" className="problem gaps-problem">
            {problem}
          </p>
        )}
        {gaps.length === 0 && (
          <p className="empty">{loaded ? "Everything is protected, as far as the gateway knows." : "Loading…"}</p>
        )}
        <ul className="gap-list">
          {gaps.map((gap) => (
            <Row
              key={gap.id}
              {...{ gap, campus, clock, nowMs, busy }}
              onEnd={mayServe ? () => void act(() => api.endService(gap.id)) : undefined}
            />
          ))}
        </ul>
        {total > gaps.length && <p className="empty">{total - gaps.length} more are not shown here.</p>}
      </section>
      {asking && campus !== undefined && (
        <BeginServiceDialog
          campus={campus}
          busy={busy}
          problem={problem}
          onCancel={() => setAsking(false)}
          onBegin={(what) => begin(() => api.beginService(what))}
        />
      )}
    </main>
  )
}
