import { capChannel } from "./cap/cap-channel.ts"
import type { Channel } from "./channel.ts"
import { emailChannel } from "./email/email-channel.ts"
import { mqttChannel } from "./mqtt-channel.ts"
import { pushChannel } from "./push/push-channel.ts"
import { smsHttpChannel } from "./sms/sms-http-channel.ts"
import { smsModemChannel } from "./sms/sms-modem-channel.ts"
import { webhookChannel } from "./webhook/webhook-channel.ts"

/** The catalogue: a new channel is its own file or folder, and one line here. */
export const channels: Readonly<Record<string, Channel<unknown>>> = {
  cap: capChannel as unknown as Channel<unknown>,
  email: emailChannel as unknown as Channel<unknown>,
  mqtt: mqttChannel as unknown as Channel<unknown>,
  "sms-http": smsHttpChannel as unknown as Channel<unknown>,
  "sms-modem": smsModemChannel as unknown as Channel<unknown>,
  "web-push": pushChannel as unknown as Channel<unknown>,
  webhook: webhookChannel as unknown as Channel<unknown>
}
