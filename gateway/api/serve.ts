import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { Clock, Data, Effect, type Scope } from "effect"
import type { Intake } from "../intake/intake.ts"
import type { Person } from "../domain/person.ts"
import type { SecurityLog } from "../log/security-log.ts"
import { makeApp } from "./app.ts"
import { firstInvitations, openAdmission } from "./admission.ts"
import type { CredentialsUnusable } from "./credentials.ts"
import { enrolmentPath } from "./people-routes.ts"
import type {
  AlertSource,
  AreaSource,
  CommandSource,
  ConfigurationSource,
  EvidenceSource,
  GapSource,
  ExplanationSource,
  IncidentSource,
  LinkSource,
  NotifierSource,
  ProcedureSource,
  ReplaySource,
  Sources
} from "./sources.ts"
import { makeConsoles } from "./consoles.ts"
import { makeEntryStream, tickMs } from "./stream.ts"
import type { Tokens, TokensUnusable } from "./tokens.ts"

export interface HttpOptions {
  /** The address to listen on; loopback unless a person decides otherwise. */
  readonly host?: string
  /** 0 takes any free one. */
  readonly port: number
  /** Where `tokens.json` lies. */
  readonly dataDir: string
  /** The built console. */
  readonly consoleDir: string
  /** The product's version, for the API's document. */
  readonly version?: string
  /** What each link leaves unprotected by its settings. */
  readonly weaknesses?: Sources["weaknesses"]
  /** The drawings of the plans; left out: there are none. */
  readonly drawings?: Sources["drawings"]
}

export interface Listening {
  readonly port: number
  /** The token made at this first start, in clear: print it once. Absent at every later start. */
  readonly firstToken: string | undefined
  /** Enrolment links for administrators without a password, made just now: print them once. */
  readonly invitations: ReadonlyArray<{ readonly name: string; readonly path: string }>
  /** Makes a token that opens the console as this person, in place of the one before. For the demonstration alone. */
  readonly tokenOf: (person: Person) => string
}

const tokenOfPerson = (tokens: Tokens, { id, role }: Person): string => {
  const name = `console-of-${id}`
  if (tokens.named(name) !== undefined) tokens.revoke(name)
  return tokens.make({ name, role, person: id })
}

/** The address cannot be listened on. */
export class CannotListen extends Data.TaggedError("CannotListen")<{
  readonly host: string
  readonly port: number
  readonly reason: string
}> {
  override get message(): string {
    return `http://${this.host}:${this.port}: cannot listen (${this.reason}). Stop what uses the port, or choose another`
  }
}

const listen = (server: Server, host: string, port: number): Effect.Effect<void, CannotListen> =>
  Effect.callback((resume) => {
    const refused = (error: Error) => {
      resume(Effect.fail(new CannotListen({ host, port, reason: error.message })))
    }
    server.once("error", refused).listen(port, host, () => {
      server.off("error", refused)
      resume(Effect.void)
    })
  })

const close = (server: Server): Effect.Effect<void> =>
  Effect.callback((resume) => {
    server.close(() => {
      resume(Effect.void)
    })
    server.closeAllConnections()
  })

/** What the face answers from, without what it makes itself. */
export interface Faces {
  readonly intake: Intake["Service"]
  readonly log: SecurityLog["Service"]
  readonly alerts: AlertSource
  readonly links: LinkSource
  readonly evidence: EvidenceSource
  readonly commands: CommandSource
  readonly areas: AreaSource
  readonly configuration: ConfigurationSource
  readonly gaps: GapSource
  readonly notifier: NotifierSource
  readonly procedures: ProcedureSource
  readonly incidents: IncidentSource
  readonly explanations: ExplanationSource
  readonly replays: ReplaySource
  readonly journal: Sources["journal"]
  readonly inbound: Sources["inbound"]
  readonly push: Sources["push"]
  readonly outbox: Sources["outbox"]
  readonly channels: Sources["channels"]
}

/** Serves until its scope closes; then every connection is closed, streams included. */
export const serve = (
  faces: Faces,
  { host = "127.0.0.1", port, dataDir, consoleDir, version = "0.1.0", ...told }: HttpOptions
): Effect.Effect<Listening, CannotListen | CredentialsUnusable | TokensUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const now = () => clock.currentTimeMillisUnsafe()
    const server = yield* Effect.acquireRelease(
      Effect.sync(() =>
        createServer({ connectionsCheckingInterval: 1000, headersTimeout: 5000, requestTimeout: 15_000 })
      ),
      close
    )
    // First the address: a token made for a start that then fails would have been shown to nobody.
    yield* listen(server, host, port)
    const admission = yield* openAdmission({ ...faces, dataDir, now })
    const { tokens } = admission
    const stream = makeEntryStream(faces.log, faces.intake, now)
    yield* Effect.addFinalizer(() => Effect.sync(stream.close))
    const context = yield* Effect.context<never>()
    const runFork = Effect.runForkWith(context)
    const consoles = makeConsoles(faces.intake, now, (entering) => void runFork(entering))
    const app = makeApp({
      sources: {
        ...faces,
        ...admission,
        weaknesses: () => new Map(),
        drawings: () => new Map(),
        ...told,
        consoles,
        process: { version, startedAt: now(), dataDir },
        stream,
        now
      },
      consoleDir,
      version,
      context,
      onFault: (error) => void runFork(Effect.logError("A request failed", error))
    })
    server.on("request", app)
    const tick = Effect.sync(() => {
      stream.tick()
      consoles.tick()
    })
    yield* tick.pipe(Effect.delay(tickMs), Effect.forever, Effect.forkScoped)
    const invitations = yield* firstInvitations(admission)
    return {
      port: (server.address() as AddressInfo).port,
      firstToken: tokens.created,
      invitations: invitations.map(({ person: { name }, code }) => ({ name, path: enrolmentPath(code) })),
      tokenOf: (person) => tokenOfPerson(tokens, person)
    }
  })
