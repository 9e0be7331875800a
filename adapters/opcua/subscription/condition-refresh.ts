import type { StatusCode } from "node-opcua"
import { Effect } from "effect"
import { conditionType } from "../nodes/event-types.ts"
import type { Refused } from "../session/failures.ts"
import type { Live } from "../session/session.ts"

/** OPC 10000-9, 5.5.7: the method by which conditions are repeated. */
const conditionRefresh = "i=3875"

/** Has the server repeat its conditions to a subscription. Answers with what status the server takes that. */
export const askRefresh = (live: Live, subscriptionId: number): Effect.Effect<StatusCode, Refused> =>
  live
    .ask("a refresh of the conditions", (session) =>
      session.call({
        objectId: conditionType,
        methodId: conditionRefresh,
        inputArguments: [{ dataType: live.library.DataType.UInt32, value: subscriptionId }]
      })
    )
    .pipe(Effect.map(({ statusCode }) => statusCode))
