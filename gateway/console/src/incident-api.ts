import type { CaseRole, Disposition } from "../../domain/incident.ts"
import { get, request, root } from "./api.ts"
import type { CaseFile, CaseWritten, Incident, StepSaid } from "./incident-wire.ts"
import type { Page } from "./wire.ts"

const pathOf = (id: string, verb: string): string => `/incidents/${encodeURIComponent(id)}/${verb}`

const post = async (path: string, body: unknown): Promise<Incident> =>
  (await (await request("POST", path, body)).json()) as Incident

/** Which cases are listed. Days are the site's. */
export interface CaseFilter {
  readonly state: "open" | "closed" | "all"
  readonly door?: string
  readonly area?: string
  readonly disposition?: string
  readonly from?: string
  readonly to?: string
}

/** The filter as a query, what is not asked for left out. */
export const queryOf = (filter: Partial<CaseFilter>): string =>
  new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== "")).toString()

/** Cases and procedures, as the console uses them. Every call rejects with `Refused`. */
export const incidentApi = {
  list: (filter: CaseFilter, before?: string) =>
    get<Page<Incident>>(
      `/incidents?limit=100&${queryOf(filter)}${before === undefined ? "" : `&before=${encodeURIComponent(before)}`}`
    ),
  ofAlert: async (alert: string): Promise<Incident | undefined> =>
    (await get<Page<Incident>>(`/incidents?alert=${encodeURIComponent(alert)}`)).items[0],
  one: (id: string) => get<Incident>(`/incidents/${encodeURIComponent(id)}`),
  file: (id: string) => get<CaseFile>(pathOf(id, "case")),
  open: (alerts: ReadonlyArray<string>) => post("/incidents", { alerts }),
  addAlert: (id: string, alert: string) => post(pathOf(id, "alerts"), { alert }),
  removeAlert: (id: string, alert: string, reason: string) =>
    post(pathOf(id, `alerts/${encodeURIComponent(alert)}/remove`), { reason }),
  note: (id: string, note: string) => post(pathOf(id, "notes"), { note }),
  addPerson: (id: string, name: string, role: CaseRole, note: string) =>
    post(pathOf(id, "people"), { name, role, ...(note === "" ? {} : { note }) }),
  removePerson: (id: string, person: number, reason: string) => post(pathOf(id, `people/${person}/remove`), { reason }),
  change: (id: string, revision: number, fields: Partial<CaseWritten>) =>
    post(pathOf(id, "fields"), { revision, fields }),
  close: (id: string, disposition: Disposition, reason: string) => post(pathOf(id, "close"), { disposition, reason }),
  reopen: (id: string, reason: string) => post(pathOf(id, "reopen"), { reason }),
  say: (alert: string, step: string, said: StepSaid) =>
    request("POST", `/alerts/${encodeURIComponent(alert)}/steps/${encodeURIComponent(step)}`, said),
  /** Where the browser fetches a file of a case. */
  fileOf: (id: string, file: "report.html" | "report.pdf" | "timeline.csv" | "case") => `${root}${pathOf(id, file)}`,
  exportOf: (file: "incidents.csv" | "clery-log.csv", filter: Partial<CaseFilter>) =>
    `${root}/${file}?${queryOf(filter)}`
}
