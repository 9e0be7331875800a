import { Schema } from "effect"

/** There is no such door, device, area or point. */
export class NothingToService extends Schema.TaggedError<NothingToService>()("NothingToService", {
  what: Schema.String
}) {
  override get message(): string {
    return `there is no ${this.what} in the configuration; gatehouse status lists doors and devices`
  }
}

/** Maintenance or a bypass cannot be so. */
export class ServiceRefused extends Schema.TaggedError<ServiceRefused>()("ServiceRefused", { why: Schema.String }) {
  override get message(): string {
    return this.why
  }
}

/** What is not in maintenance, or not bypassed, cannot end. */
export class NotOutOfService extends Schema.TaggedError<NotOutOfService>()("NotOutOfService", {
  what: Schema.String,
  state: Schema.Literals(["in maintenance", "bypassed"])
}) {
  override get message(): string {
    return `${this.what} is not ${this.state}, or no longer: it may have ended by itself. GET /api/v1/gaps lists what is`
  }
}
