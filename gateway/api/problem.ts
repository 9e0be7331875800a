import { Data } from "effect"
import { type Caller, type Right, rights, rolesWith } from "./rights.ts"

/** One thing wrong with a request: where, and what was expected there. */
export interface RequestFault {
  readonly path: string
  readonly message: string
}

interface ProblemContent {
  /** Last part of `type`: `urn:gatehouse:problem:<kind>`. */
  readonly kind: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly errors?: ReadonlyArray<RequestFault>
  /** The right that is missing. */
  readonly right?: Right
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer that is not what was asked for, as RFC 9457 problem details. */
export class Problem extends Data.TaggedError("Problem")<ProblemContent> {
  override get message(): string {
    return this.detail
  }
}

/** The body of a problem, as RFC 9457 names its members. */
export const problemBody = (problem: Problem): Readonly<Record<string, unknown>> => ({
  type: `urn:gatehouse:problem:${problem.kind}`,
  title: problem.title,
  status: problem.status,
  detail: problem.detail,
  ...(problem.errors === undefined ? {} : { errors: problem.errors }),
  ...(problem.right === undefined ? {} : { right: problem.right, roles: rolesWith(problem.right) })
})

/** Body or query do not fit the schema. */
export const invalidRequest = (where: "body" | "query" | "headers", errors: ReadonlyArray<RequestFault>): Problem =>
  new Problem({
    kind: "invalid-request",
    title: "The request is not valid",
    status: 400,
    detail: `The ${where} ${where === "headers" ? "do" : "does"} not fit; see errors.`,
    errors
  })

/** No valid token or session came with the request. */
export const notAuthenticated = (detail: string): Problem =>
  new Problem({
    kind: "not-authenticated",
    title: "Not signed in",
    status: 401,
    detail,
    headers: { "WWW-Authenticate": 'Bearer realm="gatehouse"' }
  })

/** A page of another origin used the officer's session. */
export const otherOrigin = (): Problem =>
  new Problem({
    kind: "other-origin",
    title: "Refused for another origin",
    status: 403,
    detail: "A session may act only from the gateway's own pages; a program sends a bearer token instead."
  })

/** The caller is known and may not do this. Says what is missing, and who could do it. */
export const notAllowed = ({ name, role, only }: Caller, right: Right): Problem =>
  new Problem({
    kind: "not-allowed",
    title: "Not allowed",
    status: 403,
    detail:
      `${name} (${role}${only === undefined ? "" : `, only for ${only.join(", ")}`}) may not ${rights[right]}; ` +
      `that takes the right ${right}, which have: ${rolesWith(right).join(", ")}.`,
    right
  })

/** The name, or the password of it: which of both is not said. */
export const wrongPassword = (): Problem =>
  new Problem({
    kind: "wrong-password",
    title: "Not signed in",
    status: 401,
    detail: "There is nobody here of this name and password. Whoever has none yet needs an enrolment link."
  })

/** Where people are configured everybody signs in as themselves. */
export const tokenSignInOff = (): Problem =>
  new Problem({
    kind: "token-sign-in-off",
    title: "A token is for programs here",
    status: 403,
    detail:
      "This site has people of its own: sign in with your name and password, so that what you do stands in the log " +
      "under your name. An administrator gives you an enrolment link."
  })

/** Nobody can use this enrolment link, or nobody any more. */
export const invitationOver = (): Problem =>
  new Problem({
    kind: "invitation-over",
    title: "The enrolment link is no longer good",
    status: 404,
    detail: "The enrolment link was used, has expired, or a newer one was made. An administrator makes another one."
  })

/** Too many failing tries from one address. */
export const tooManyTries = (retryAfterSeconds: number, what = "wrong tokens"): Problem =>
  new Problem({
    kind: "too-many-tries",
    title: "Too many failing tries",
    status: 429,
    detail: `Too many ${what} came from this address; try again in ${retryAfterSeconds} s.`,
    headers: { "Retry-After": String(retryAfterSeconds) }
  })

/** Nothing answers there. */
export const unknownRoute = (method: string, path: string): Problem =>
  new Problem({
    kind: "unknown-route",
    title: "No such route",
    status: 404,
    detail: `Nothing answers ${method} ${path}; /api/v1/openapi.json lists every route.`
  })

/** The route exists, for other methods. */
export const wrongMethod = (method: string, path: string, allowed: ReadonlyArray<string>): Problem =>
  new Problem({
    kind: "wrong-method",
    title: "The route does not know this method",
    status: 405,
    detail: `${path} does not answer ${method}; it answers ${allowed.join(", ")}.`,
    headers: { Allow: allowed.join(", ") }
  })

/** The thing asked for does not exist. */
export const notFound = (kind: string, detail: string): Problem =>
  new Problem({ kind, title: "Not found", status: 404, detail })

/** The body is not JSON by its own account. */
export const notJson = (contentType: string): Problem =>
  new Problem({
    kind: "unsupported-media-type",
    title: "The body is not JSON",
    status: 415,
    detail: `Expected Content-Type application/json, got ${contentType}.`
  })

/** The store refuses to keep or cannot answer; it may again soon. */
export const storeUnavailable = (): Problem =>
  new Problem({
    kind: "store-unavailable",
    title: "The security log is not available",
    status: 503,
    detail: "Nothing of this request was kept. Try again; /readyz says when the store accepts.",
    headers: { "Retry-After": "5" }
  })

const unreachable = (message: string): Problem =>
  new Problem({ kind: "unreachable", title: "Nobody is reached so", status: 422, detail: message })

const internalError = (): Problem =>
  new Problem({
    kind: "internal-error",
    title: "The gateway failed",
    status: 500,
    detail: "The request could not be answered because of a fault in the gateway; its own output says more."
  })

const byTag: Readonly<Record<string, (message: string) => Problem>> = {
  NotKept: storeUnavailable,
  StoreUnavailable: storeUnavailable,
  UnknownAlert: (message) => notFound("unknown-alert", message),
  UnknownIncident: (message) => notFound("unknown-incident", message),
  NotInIncident: (message) => notFound("not-in-incident", message),
  IncidentIsClosed: (message) =>
    new Problem({ kind: "incident-is-closed", title: "The incident is closed", status: 409, detail: message }),
  IncidentIsOpen: (message) =>
    new Problem({ kind: "incident-is-open", title: "The incident is open", status: 409, detail: message }),
  AlertInIncident: (message) =>
    new Problem({ kind: "alert-in-incident", title: "The alert belongs to an incident", status: 409, detail: message }),
  RevisionConflict: (message) =>
    new Problem({ kind: "revision-conflict", title: "Somebody else changed it", status: 409, detail: message }),
  IncidentRefused: (message) =>
    new Problem({ kind: "incident-refused", title: "The incident cannot be so", status: 422, detail: message }),
  StepRefused: (message) =>
    new Problem({ kind: "step-refused", title: "This cannot be said of the step", status: 422, detail: message }),
  NotPrinted: () =>
    new Problem({
      kind: "not-printed",
      title: "The report cannot be printed",
      status: 503,
      detail: "What it is made of is unharmed; try again, or take the HTML report."
    }),
  UnknownReplay: (message) => notFound("unknown-replay", message),
  UnknownChannel: (message) => notFound("unknown-channel", message),
  Unreachable: unreachable,
  NobodyRegistered: unreachable,
  UnknownArea: (message) => notFound("unknown-area", message),
  OverrideTooLong: (message) =>
    new Problem({ kind: "override-too-long", title: "The override would last too long", status: 422, detail: message }),
  AreaNotOverridden: (message) =>
    new Problem({ kind: "area-not-overridden", title: "The area follows its schedule", status: 409, detail: message }),
  UnknownThreatLevel: (message) =>
    new Problem({ kind: "unknown-threat-level", title: "No such threat level", status: 422, detail: message }),
  UnknownDoor: (message) => notFound("unknown-door", message),
  DoorTakesNoCommand: (message) =>
    new Problem({
      kind: "door-takes-no-command",
      title: "The door takes no such command",
      status: 422,
      detail: message
    }),
  DoorOutOfReach: (message) =>
    new Problem({ kind: "door-out-of-reach", title: "The door's device is not there", status: 409, detail: message }),
  DoorBusy: (message) =>
    new Problem({ kind: "door-busy", title: "The door is busy with another command", status: 409, detail: message }),
  ReplayRunning: (message) =>
    new Problem({ kind: "replay-running", title: "Another replay runs", status: 409, detail: message }),
  KeyReused: (message) =>
    new Problem({
      kind: "idempotency-key-reused",
      title: "The key is another command's",
      status: 422,
      detail: message
    }),
  NothingToService: (message) => notFound("unknown-thing", message),
  NotOutOfService: (message) => notFound("not-out-of-service", message),
  NoReport: (message) => notFound("no-report", message),
  ServiceRefused: (message) =>
    new Problem({
      kind: "service-refused",
      title: "It cannot be taken out of service so",
      status: 422,
      detail: message
    }),
  NoConfigurationFile: (message) =>
    new Problem({
      kind: "no-configuration-file",
      title: "There is no configuration file",
      status: 409,
      detail: message
    }),
  TooManyQuestions: (message) =>
    new Problem({
      kind: "too-many-questions",
      title: "Too many explanations at once",
      status: 503,
      detail: message,
      headers: { "Retry-After": "5" }
    }),
  TooManySearches: (message) =>
    new Problem({
      kind: "too-many-searches",
      title: "Too many searches at once",
      status: 503,
      detail: message,
      headers: { "Retry-After": "5" }
    }),
  EvidenceUnavailable: () =>
    new Problem({
      kind: "evidence-unavailable",
      title: "The picture cannot be read",
      status: 503,
      detail: "It should be there, but its file cannot be read; check the disk of dataDir."
    }),
  AlertAlreadyClosed: (message) =>
    new Problem({ kind: "alert-already-closed", title: "The alert is closed", status: 409, detail: message }),
  AlertInOtherHands: (message) =>
    new Problem({
      kind: "alert-in-other-hands",
      title: "Somebody else has the alert in hand",
      status: 409,
      detail: message
    }),
  AlertNotClaimed: (message) =>
    new Problem({ kind: "alert-not-claimed", title: "Nobody has the alert in hand", status: 409, detail: message }),
  NotUndone: (message) =>
    new Problem({ kind: "not-undone", title: "The acknowledgement stands", status: 409, detail: message }),
  ShelvingRefused: (message) =>
    new Problem({ kind: "shelving-refused", title: "The alert cannot be shelved so", status: 422, detail: message }),
  AlertNotShelved: (message) =>
    new Problem({ kind: "alert-not-shelved", title: "The alert is not shelved", status: 409, detail: message })
}

/** The kinds of error that express's body parser and router raise (`type`, or the status alone). */
const byStatus: Readonly<Record<number, Problem>> = {
  400: new Problem({
    kind: "malformed-request",
    title: "The request cannot be read",
    status: 400,
    detail: "The address or the body is malformed; expected a percent-encoded path and a JSON object."
  }),
  413: new Problem({
    kind: "too-large",
    title: "The body is too large",
    status: 413,
    detail: "Expected at most 64 KiB of JSON; 2 MiB of a changed configuration to replay."
  }),
  415: new Problem({
    kind: "unsupported-media-type",
    title: "The body's encoding is not supported",
    status: 415,
    detail: "Expected application/json in UTF-8."
  })
}

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined

/**
 * The problem an error stands for. An error that nobody foresaw is an internal error and nothing of it is told.
 */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  const tag = member(error, "_tag")
  const known = typeof tag === "string" ? byTag[tag] : undefined
  if (known !== undefined) return known(error instanceof Error ? error.message : String(tag))
  if (member(error, "type") === "entity.parse.failed") {
    return new Problem({
      kind: "malformed-json",
      title: "The body is not JSON",
      status: 400,
      detail: "The body could not be parsed; expected a JSON object."
    })
  }
  const status = member(error, "status")
  return (typeof status === "number" ? byStatus[status] : undefined) ?? internalError()
}
