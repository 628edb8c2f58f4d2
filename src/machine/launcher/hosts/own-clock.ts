import type { HostedNews } from '../../wire/hosting.ts'

/** What a processor has said, with its times on this computer's clock; its host's is ahead of that by `offsetMs`. */
export function onOwnClock(news: HostedNews, offsetMs: number): HostedNews {
  switch (news.type) {
    case 'captured':
    case 'computing':
      return { ...news, atMs: news.atMs - offsetMs }
    case 'written':
      return { ...news, beganMs: news.beganMs - offsetMs, endedMs: news.endedMs - offsetMs }
    case 'trace':
      return { ...news, lines: news.lines.map((line) => ({ ...line, atMs: line.atMs - offsetMs })) }
    default:
      return news
  }
}
