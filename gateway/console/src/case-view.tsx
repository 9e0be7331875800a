import { useEffect, useState } from "react"
import { CaseHead } from "./case-head.tsx"
import { CaseAlerts, CaseNotes, CasePeople } from "./case-parts.tsx"
import { CaseAsWritten } from "./case-written.tsx"
import { EvidenceStrips } from "./evidence-strip.tsx"
import { incidentApi } from "./incident-api.ts"
import { CloseCaseDialog, WhyDialog } from "./incident-dialogs.tsx"
import type { CaseFile, Incident } from "./incident-wire.ts"
import type { ConsoleStore } from "./store.ts"
import { useActions } from "./use-actions.ts"
import { useCase } from "./use-case.ts"
import type { Campus, Instant } from "./wire.ts"

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
const useFile = ({ id, closed, alerts, notes, people }: Incident): CaseFile | undefined => {
  const [file, setFile] = useState<CaseFile | undefined>(undefined)
  const stands = `${alerts.length} ${notes.length} ${people.length} ${closed}`
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

type Asked =
  | { readonly what: "close" }
  | { readonly what: "reopen" }
  | { readonly what: "alert"; readonly id: string; readonly title: string }
  | { readonly what: "person"; readonly id: number; readonly title: string }

interface CaseDialogProps {
  readonly asked: Asked
  readonly incident: Incident
  readonly busy: boolean
  readonly problem: string | undefined
  readonly onCancel: () => void
  readonly act: (deed: () => Promise<Incident>) => Promise<boolean>
}

/** What a case asks before something is done to it. */
const CaseDialog = ({ asked, incident, act, ...common }: CaseDialogProps) => {
  const { id } = incident
  if (asked.what === "close") {
    const close = (...[disposition, reason]: Parameters<Parameters<typeof CloseCaseDialog>[0]["onClose"]>): void =>
      void act(() => incidentApi.close(id, disposition, reason))
    return <CloseCaseDialog incident={incident} {...common} onClose={close} />
  }
  if (asked.what === "reopen") {
    const reopen = (reason: string): void => void act(() => incidentApi.reopen(id, reason))
    return <WhyDialog title={`Reopen ${id}`} yes="Reopen" {...common} onYes={reopen} />
  }
  const remove = (reason: string): void =>
    void act(() =>
      asked.what === "alert"
        ? incidentApi.removeAlert(id, asked.id, reason)
        : incidentApi.removePerson(id, asked.id, reason)
    )
  return <WhyDialog title={`Remove “${asked.title}”`} yes="Remove" {...common} onYes={remove} />
}

interface FileProps {
  readonly file: CaseFile | undefined
  readonly clock: (at: Instant) => string
}

const CaseTimeline = ({ file, clock }: FileProps) => (
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

const CasePictures = ({ file, clock, campus, nowMs }: FileProps & Pick<CaseViewProps, "campus" | "nowMs">) =>
  (file?.alerts ?? []).flatMap(({ id, title, evidence }) =>
    evidence === undefined
      ? []
      : [
          <details key={id} open>
            <summary>
              {id} · {title}
            </summary>
            <EvidenceStrips {...{ campus, nowMs, clock, evidence }} />
          </details>
        ]
  )

/** One case: what is written of it, who is in it, what happened, and how it ends. */
export const CaseView = ({ first, news, campus, clock, nowMs, store, mayReopen }: CaseViewProps) => {
  const { keeper, ...standing } = useCase(first, news?.id === first.id ? news : undefined)
  const { incident } = standing
  const file = useFile(incident)
  const { busy, problem, forget, attempt } = useActions(store)
  const [asked, setAsked] = useState<Asked | undefined>(undefined)
  const act = (deed: () => Promise<Incident>): Promise<boolean> =>
    attempt(async () => keeper.meet(await deed())).then((done) => {
      if (done) setAsked(undefined)
      return done
    })
  const ask = (what: Asked): void => {
    forget()
    // What is written belongs to what is decided.
    keeper.keepNow()
    setAsked(what)
  }
  const { id } = incident
  const common = { incident, busy, clock }
  return (
    <div className="case">
      <section className="panel case-main" aria-labelledby="case-title">
        <CaseHead
          {...{ incident, file, nowMs, busy, mayReopen }}
          onClose={() => ask({ what: "close" })}
          onReopen={() => ask({ what: "reopen" })}
        />
        {problem !== undefined && asked === undefined && (
          <p role="alert" className="problem">
            {problem}
          </p>
        )}
        <CaseAsWritten {...{ keeper, standing, campus }} />
        <CasePictures {...{ file, clock, campus, nowMs }} />
        <CaseAlerts {...common} onRemove={(alert, title) => ask({ what: "alert", id: alert, title })} />
        <CasePeople
          {...common}
          onAdd={(name, role, note) => act(() => incidentApi.addPerson(id, name, role, note))}
          onRemove={(person, title) => ask({ what: "person", id: person, title })}
        />
        <CaseNotes {...common} onNote={(note) => act(() => incidentApi.note(id, note))} />
      </section>
      <CaseTimeline file={file} clock={clock} />
      {asked !== undefined && (
        <CaseDialog {...{ asked, incident, busy, problem, act }} onCancel={() => setAsked(undefined)} />
      )}
    </div>
  )
}
