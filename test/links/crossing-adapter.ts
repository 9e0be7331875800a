import { Effect, Schema } from "effect"
import { type Adapter, AnswerLost, CredentialsRejected, LinkLost, Unable } from "../../adapters/adapter.ts"

/** What a link of the adapter below is to do. */
export interface Course {
  /** Says so many things, each once the one before is kept. */
  readonly says?: number
  /** Then says so many patiently, none waiting for another, and one more that is not patient. */
  readonly together?: number
  /** How it ends; left out: it holds. */
  readonly ends?: "lost" | "rejected" | "bug" | "exit" | "stuck"
}

/** An adapter without a network, to be run on another thread: it does what its settings say. */
export const crossing: Adapter<Course> = {
  protocol: "crossing",
  thread: new URL(import.meta.url),
  Settings: Schema.Any as unknown as Schema.Codec<Course, unknown>,
  link: ({ says = 0, together = 0, ends }, context) =>
    Effect.scoped(
      Effect.gen(function* () {
        const attempts = Number(context.memory.get("attempts") ?? 0) + 1
        context.memory.set("attempts", attempts)
        const device = context.devices[0]!.id
        let takes = false
        yield* context.able(device, {
          snapshot: Effect.sync(() => ({ bytes: new Uint8Array([0xff, 0xd8, attempts]), receivedAt: context.now() })),
          takes: () => (takes ? ["Lock"] : []),
          command: (point, command) => {
            if (command === "Lock") takes = true
            if (command === "Block") return Effect.fail(new Unable({ reason: `${point} cannot be blocked` }))
            if (command === "LockDown") return Effect.fail(new AnswerLost({ reason: "the wire broke" }))
            if (command === "Access") return Effect.never
            return Effect.void
          }
        })
        yield* context.online
        context.count("attempts", attempts)
        const say = (text: string, patient = false) =>
          Effect.callback<string>((resume) =>
            context.report(
              {
                ...(patient ? { patient } : {}),
                // A thread whose clock was ahead must not tell of what is yet to come.
                receivedAt: context.now() + 60_000,
                observations: [{ _tag: "Unreadable", device, why: text, source: "test", raw: "" }]
              },
              (refusal) => resume(Effect.succeed(refusal?.reason ?? "kept"))
            )
          )
        for (let nth = 1; nth <= says; nth++) {
          const became = yield* say(`${nth}`)
          if (became !== "kept") yield* say(`${nth} was not kept: ${became}`)
        }
        if (together > 0) {
          const patient = Array.from({ length: together }, (_, nth) => say(`patient ${nth + 1}`, true))
          yield* Effect.all([...patient, say("at last")], { concurrency: "unbounded" })
        }
        context.refused("stranger", `attempt ${attempts}`)
        switch (ends) {
          case "lost":
            return yield* new LinkLost({ reason: "the wire broke" })
          case "rejected":
            return yield* new CredentialsRejected({ reason: "who are you" })
          case "bug":
            return yield* Effect.die(new TypeError("nobody thought of this"))
          case "exit":
            return process.exit(7)
          case "stuck":
            for (;;) takes = !takes
          default:
            return yield* Effect.never
        }
      })
    )
}
