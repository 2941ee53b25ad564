import t from 'tap'

// RFC 5359 §2.3–§2.18: what is still to come; docs/architecture.md says which of them are not ours to show.

const TO_COME: Readonly<Record<string, string>> = {
  '§2.3 music on hold': 'comes with the player of the RTP engine: not built yet',
  '§2.4 transfer, unattended': 'comes with REFER: not built yet',
  '§2.5 transfer, attended': 'comes with REFER and Replaces: not built yet',
  '§2.7 call forwarding, unconditional': 'comes with the dial plan’s schedules and forwards: not built yet',
  '§2.8 call forwarding, busy': 'comes with the dial plan’s schedules and forwards: not built yet',
  '§2.9 call forwarding, no answer': 'comes with the dial plan’s schedules and forwards: not built yet',
  '§2.10 three-way conference, third party is added': 'comes with the mixer: not built yet',
  '§2.11 three-way conference, third party joins': 'comes with the mixer and Join: not built yet',
  '§2.15 call park': 'comes with REFER and Replaces: not built yet',
  '§2.16 call pickup': 'comes with dialog events and Replaces: not built yet',
}

for (const [service, reason] of Object.entries(TO_COME)) t.test(service, { todo: reason }, () => {})
