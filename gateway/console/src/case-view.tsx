import { useEffect, useState } from "react"
import { CaseAlerts, CaseNotes, CasePeople } from "./case-parts.tsx"
import { CaseFields, keepingWords } from "./case-fields.tsx"
import { EvidenceStrips } from "./evidence-strip.tsx"
import { incidentApi } from "./incident-api.ts"
import { CloseCaseDialog, WhyDialog } from "./incident-dialogs.tsx"
import type { CaseFile, Incident } from "./incident-wire.ts"
import { addressOf } from "./place.ts"
import type { ConsoleStore } from "./store.ts"
import { useActions } from "./use-actions.ts"
import { useCase } from "./use-case.ts"
import type { Campus, Instant } from "./wire.ts"
import { leftWords } from "./words.ts"

export interface CaseViewProps {
  readonly first: Incident
  /** The case that something was done to last, this one or another. */
  readonly news: Incident | undefined
  readonly campus: Campus | undefined
  readonly clock: (at: Instant) => string
  readonly nowMs: number
  readonly store: Pick<ConsoleStore, "report">
  readonly mayReopen: boolean
}

/** The case put together from the log, anew whenever something was done to it. */
const useFile = (incident: Incident): CaseFile | undefined => {
  const [file, setFile] = useState<CaseFile | undefined>(undefined)
  const { id, closed } = incident
  const stands = `${incident.alerts.length} ${incident.notes.length} ${incident.people.length} ${closed}`
  useEffect(() => {
    let current = true
    incidentApi.file(id).then(
      (found) => {
        if (current) setFile(found)
      },
      () => {
        // What is written stays on the screen.
      }
    )
    return () => {
      current = false
    }
  }, [id, stands])
  return file
}

/** When the entry of the Clery log is due, or was made. */
export const dueWords = (incident: Incident, nowMs: number): string | undefined => {
  const { cleryDue, cleryOverdue, cleryEnteredAt, reality, clery } = incident
  if (cleryEnteredAt !== undefined) return "Clery entry made"
  if (cleryDue === undefined || reality !== "actual" || clery === "does-not-belong") return undefined
  return cleryOverdue === true ? "!! Clery entry overdue" : `Clery entry due in ${leftWords(cleryDue, nowMs)}`
}

/** REAL, DRILL or TEST, as its report will say. */
export const markWord = ({ reality, disposition }: Incident): string => {
  if (disposition?.kind === "drill" || (disposition?.kind !== "test" && reality === "exercise")) return "DRILL"
  return disposition?.kind === "test" || reality === "test" ? "TEST" : "REAL"
}

const Exports = ({ id }: { readonly id: string }) => (
  <div className="case-exports">
    <a className="secondary" href={incidentApi.fileOf(id, "report.pdf")} download={`${id}.pdf`}>
      PDF
    </a>
    <a className="secondary" href={incidentApi.fileOf(id, "report.html")} target="_blank" rel="noreferrer">
      HTML
    </a>
    <a className="secondary" href={incidentApi.fileOf(id, "timeline.csv")} download={`${id}.csv`}>
      CSV
    </a>
    <a className="secondary" href={incidentApi.fileOf(id, "case")} download={`${id}.json`}>
      JSON
    </a>
  </div>
)

type Asked =
  | { readonly what: "close" | "reopen" }
  | { readonly what: "alert"; readonly id: string; readonly title: string }
  | { readonly what: "person"; readonly id: number; readonly title: string }

const CaseTimeline = ({
  file,
  clock
}: {
  readonly file: CaseFile | undefined
  readonly clock: (at: Instant) => string
}) => (
  <section className="panel case-timeline" aria-labelledby="case-timeline">
    <h3 id="case-timeline">Timeline</h3>
    {file === undefined ? (
      <p className="empty">Loading…</p>
    ) : (
      <ol className="timeline">
        {file.timeline.map(({ at, seq, kind, text }, nth) => (
          <li key={`${seq ?? "case"} ${nth}`} className={`kind-${kind}`}>
            <time dateTime={at}>{clock(at)}</time>
            <span className="timeline-kind">{kind}</span>
            <span>{text}</span>
          </li>
        ))}
      </ol>
    )}
    {file?.timelineCut === true && <p className="empty">More was recorded; the log has all.</p>}
  </section>
)

/** One case: what is written of it, who is in it, what happened, and how it ends. */
export const CaseView = ({ first, news, campus, clock, nowMs, store, mayReopen }: CaseViewProps) => {
  const written = useCase(first, news?.id === first.id ? news : undefined)
  const { incident, keeping, conflict } = written
  const file = useFile(incident)
  const { busy, problem, forget, attempt } = useActions(store)
  const [asked, setAsked] = useState<Asked | undefined>(undefined)
  const act = (deed: () => Promise<Incident>): Promise<boolean> =>
    attempt(async () => written.become(await deed())).then((done) => {
      if (done) setAsked(undefined)
      return done
    })
  const ask = (what: Asked): void => {
    forget()
    setAsked(what)
  }
  const { id, closed } = incident
  const due = dueWords(incident, nowMs)
  const common = { busy, problem, onCancel: () => setAsked(undefined) }
  const removes = asked?.what === "alert" || asked?.what === "person" ? asked : undefined
  const pictures = file?.alerts.filter(({ evidence }) => evidence !== undefined) ?? []
  return (
    <div className="case">
      <section className="panel case-main" aria-labelledby="case-title">
        <header className="case-head">
          <a className="case-back" href={addressOf("incidents")}>
            ← All incidents
          </a>
          <h2 id="case-title" tabIndex={-1}>
            {id} <span className={`mark ${markWord(incident).toLowerCase()}`}>{markWord(incident)}</span>{" "}
            <bdi>{incident.title}</bdi>
          </h2>
          <p className="tally">
            {closed ? `Closed by ${incident.closedBy ?? ""}: ${incident.disposition?.kind ?? ""}` : "Open"} · opened by{" "}
            {incident.author} · revision {incident.revision}
            {file !== undefined && file.where.length > 0 && ` · ${file.where.join("; ")}`}
          </p>
          {due !== undefined && !closed && (
            <p className={incident.cleryOverdue === true ? "clery overdue" : "clery"}>{due}</p>
          )}
          <div className="actions">
            {!closed && (
              <button type="button" className="primary" disabled={busy} onClick={() => ask({ what: "close" })}>
                Close…
              </button>
            )}
            {closed && mayReopen && (
              <button type="button" className="secondary" disabled={busy} onClick={() => ask({ what: "reopen" })}>
                Reopen…
              </button>
            )}
            <Exports id={id} />
          </div>
        </header>
        {problem !== undefined && asked === undefined && (
          <p role="alert" className="problem">
            {problem}
          </p>
        )}
        {conflict !== undefined && (
          <div role="alert" className="case-conflict">
            <p>
              <strong>Somebody else changed {conflict.fields.join(", ")} meanwhile.</strong> What you wrote is not kept.
            </p>
            {conflict.fields.includes("narrative") && (
              <blockquote dir="auto">{conflict.theirs.narrative || "(nothing)"}</blockquote>
            )}
            <div className="actions">
              <button type="button" className="primary" onClick={written.keepMine}>
                Keep mine
              </button>
              <button type="button" className="secondary" onClick={written.takeTheirs}>
                Take theirs
              </button>
            </div>
          </div>
        )}
        {!closed && (
          <p className={`keeping ${keeping}`} role="status">
            {keepingWords[keeping]}
            {written.problem === undefined ? "" : `: ${written.problem}`}
          </p>
        )}
        <CaseFields
          written={written.written}
          disabled={closed}
          timeZone={campus?.site.timeZone ?? "UTC"}
          onWrite={written.write}
          onLeave={written.keepNow}
        />
        {pictures.map(({ id: alert, title, evidence = [] }) => (
          <details key={alert} open>
            <summary>
              {alert} · {title}
            </summary>
            <EvidenceStrips {...{ campus, nowMs, clock, evidence }} />
          </details>
        ))}
        <CaseAlerts
          {...{ incident, busy, clock }}
          onRemove={(alert, title) => ask({ what: "alert", id: alert, title })}
        />
        <CasePeople
          {...{ incident, busy, clock }}
          onAdd={(name, role, note) => act(() => incidentApi.addPerson(id, name, role, note))}
          onRemove={(person, title) => ask({ what: "person", id: person, title })}
        />
        <CaseNotes {...{ incident, busy, clock }} onNote={(note) => act(() => incidentApi.note(id, note))} />
      </section>
      <CaseTimeline file={file} clock={clock} />
      {asked?.what === "close" && (
        <CloseCaseDialog
          incident={incident}
          {...common}
          onClose={(disposition, reason) => void act(() => incidentApi.close(id, disposition, reason))}
        />
      )}
      {asked?.what === "reopen" && (
        <WhyDialog
          title={`Reopen ${id}`}
          yes="Reopen"
          {...common}
          onYes={(reason) => void act(() => incidentApi.reopen(id, reason))}
        />
      )}
      {removes !== undefined && (
        <WhyDialog
          title={`Remove “${removes.title}”`}
          yes="Remove"
          {...common}
          onYes={(reason) =>
            void act(() =>
              removes.what === "alert"
                ? incidentApi.removeAlert(id, removes.id, reason)
                : incidentApi.removePerson(id, removes.id, reason)
            )
          }
        />
      )}
    </div>
  )
}
