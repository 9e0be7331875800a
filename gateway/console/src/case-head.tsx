import type { CaseFile, Incident } from "./incident-wire.ts"
import { incidentApi } from "./incident-api.ts"
import { addressOf } from "./place.ts"
import { leftWords } from "./words.ts"

/** When the entry of the Clery log is due, or was made. */
export const dueWords = (incident: Incident, nowMs: number): string | undefined => {
  const { cleryDue, cleryOverdue, cleryEnteredAt, reality, clery } = incident
  if (cleryEnteredAt !== undefined) return "Clery entry made"
  if (cleryDue === undefined || reality !== "actual" || clery === "does-not-belong") return undefined
  return cleryOverdue === true ? "!! Clery entry overdue" : `Clery entry due in ${leftWords(cleryDue, nowMs)}`
}

/** REAL, DRILL or TEST, as its report will say. */
export const markWord = ({ reality, disposition }: Incident): "REAL" | "DRILL" | "TEST" => {
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

interface HeadProps {
  readonly incident: Incident
  readonly file: CaseFile | undefined
  readonly nowMs: number
  readonly busy: boolean
  readonly mayReopen: boolean
  readonly onClose: () => void
  readonly onReopen: () => void
}

/** Which case it is, how it stands, how it ends, and where its reports are. */
export const CaseHead = ({ incident, file, nowMs, busy, mayReopen, onClose, onReopen }: HeadProps) => {
  const { id, closed } = incident
  const due = closed ? undefined : dueWords(incident, nowMs)
  const where = file === undefined || file.where.length === 0 ? "" : ` · ${file.where.join("; ")}`
  return (
    <header className="case-head">
      <a className="case-back" href={addressOf("incidents")}>
        ← All incidents
      </a>
      <h2 id="case-title" tabIndex={-1}>
        {id} <span className={`case-mark ${markWord(incident).toLowerCase()}`}>{markWord(incident)}</span>{" "}
        <bdi>{incident.title}</bdi>
      </h2>
      <p className="tally">
        {closed ? `Closed by ${incident.closedBy ?? ""}: ${incident.disposition?.kind ?? ""}` : "Open"} · opened by{" "}
        {incident.author} · revision {incident.revision}
        {where}
      </p>
      {due !== undefined && <p className={incident.cleryOverdue === true ? "clery overdue" : "clery"}>{due}</p>}
      <div className="actions">
        {!closed && (
          <button type="button" className="primary" disabled={busy} onClick={onClose}>
            Close…
          </button>
        )}
        {closed && mayReopen && (
          <button type="button" className="secondary" disabled={busy} onClick={onReopen}>
            Reopen…
          </button>
        )}
        <Exports id={id} />
      </div>
    </header>
  )
}
