/**
 * The questions of a viva, as data: what is asked about a task, of whom, and what a good answer contains.
 *
 * A question with `about` is asked only of those in whose code it matches: it is about a choice they made. There is
 * no wrong choice among them; whoever made it can say what it costs.
 */

export interface Question {
  /** `3.8` */
  readonly task: string
  /** What the code of the task's level must hold; the first place is shown. */
  readonly about?: RegExp
  /** Looked for in these files only; else in all, those of the task first. */
  readonly files?: readonly string[]
  readonly ask: string
  /** Each a thing to be heard; nobody says all of them in two minutes. */
  readonly good: readonly string[]
}

export const bank: readonly Question[] = [
  {
    task: '1.1',
    about: /indexOf\(.*\\r\\n|search\(|\.split\(.*\\n/,
    ask: 'This looks for the end of a line or of the header section. A client sends CR LF CR LF in two writes, with a second between them: follow your code through both reads.',
    good: [
      'TCP is a stream of bytes: a read may end anywhere, also in the middle of CR LF CR LF',
      'what was read stays, and is looked at again together with what comes',
      'searching from the beginning each time costs more with every byte: from a few bytes before the new ones is enough',
    ],
  },
  {
    task: '1.1',
    ask: 'What tells your server that a header section is complete, and what does it do with bytes that came after it in the same read?',
    good: [
      'an empty line ends it (RFC 9112 §2.1), not the end of a read',
      'the bytes behind it are content or the next request, and must not be lost',
    ],
  },
  {
    task: '1.2',
    about: /byteLength|Buffer\.from\(/,
    ask: 'This turns text into bytes or counts them. Which Content-Length does an answer of the two characters "é€" have, and what would a client do if it were 2?',
    good: [
      '5: Content-Length counts bytes (RFC 9110 §8.6), and these have two and three in UTF-8',
      'the client would take the first two bytes for the content, and the rest for the next response, or for rubbish',
    ],
  },
  {
    task: '1.3',
    about: /content-length/,
    ask: 'What does your server do with a request that has two different Content-Length lines, and why is it dangerous to take either one?',
    good: [
      'answers 400 and closes (RFC 9112 §6.3): where the message ends is not known',
      'a proxy in front may take the other one, and so a second request hides in the content of the first',
    ],
  },
  {
    task: '1.4',
    ask: 'A client sends DELETE to a path that you serve with GET only, and another to a path that you do not know. What are the two answers, and what must one of them carry?',
    good: [
      '405 and 404: one is about the method, the other about the target',
      '405 carries Allow with the methods that work (RFC 9110 §15.5.6)',
    ],
  },
  {
    task: '1.5',
    about: /ECONNRESET|\.on\(\s*['"]error['"]/,
    ask: 'What happens in a Node program when a socket emits `error` and nobody listens? Name something a client does to cause that here.',
    good: [
      'the error is thrown, nothing catches it, and the whole process ends, with everybody else’s connection',
      'a client that resets the connection (ECONNRESET), or is gone when the answer is written (EPIPE)',
      'so each socket has a listener, also one that does nothing: the connection is over anyway',
    ],
  },
  {
    task: '1.5',
    ask: 'After which mistakes of a client can a connection still be used, and after which must it be closed? How does your server tell them apart?',
    good: [
      'it can go on where it is known that the request ended, as after 404 and 405',
      'it must be closed where the next request’s beginning is not known: malformed lines, ambiguous lengths (RFC 9112 §9.6)',
    ],
  },
  {
    task: '1.6',
    ask: 'How would you convince somebody that your server does not leak? Which number do you look at, and when?',
    good: [
      'memory after equal rounds of load, not after one: it must stop growing',
      'what could grow: listeners on sockets, buffers of connections that ended, entries in maps',
    ],
  },
  {
    task: '1.7',
    ask: 'Choose one of your cases. Which server would fail it, and how could a correct server fail it?',
    good: [
      'names a believable mistake that this case catches, and others that it does not',
      'says what the case allows: header order, extra fields, reads that are cut elsewhere',
    ],
  },
  {
    task: '2.1',
    about: /Buffer\.concat\(/,
    ask: 'This joins buffers. A client sends 64 KiB one byte a write: how many bytes are copied in all, and how would you copy fewer?',
    good: [
      'joining what there is with each new byte copies about n²/2: two thousand million bytes here',
      'keeps a list and joins once, or a buffer that doubles, or reads positions without joining',
    ],
  },
  {
    task: '2.1',
    ask: 'Which states does your parser have, and what does it remember between two reads?',
    good: [
      'at least: request line, field lines, content; and what of an unfinished line has come',
      'limits are checked while bytes come, not once everything is here',
    ],
  },
  {
    task: '2.2',
    about: /parseInt\(|Number\(/,
    files: ['chunked.ts'],
    ask: 'This makes a number of a text. What does it make of the chunk sizes "5x", "-1", " 5" and an empty line, and what must a decoder make of them?',
    good: [
      'a chunk size is hexadecimal digits, at least one, and nothing else before ; or CR LF (RFC 9112 §7.1)',
      'parseInt takes "5x" for 5, Number takes "" for 0: a looser reading than the next server’s is how requests are smuggled',
    ],
  },
  {
    task: '2.2',
    ask: 'Why does chunked content exist, and what ends it? What may come between the last chunk and the end?',
    good: [
      'the length is not known when the sender begins',
      'a chunk of size 0, then the trailer section, then an empty line (RFC 9112 §7.1.2)',
    ],
  },
  {
    task: '2.3',
    about: /setTimeout\(/,
    ask: 'This is a timer. What starts it again, and how long can a client that sends one byte every second keep a connection open?',
    good: [
      'a limit that every byte renews never ends such a client: the whole header section needs a limit of its own',
      'says what the client is told (408), and what is freed',
    ],
  },
  {
    task: '2.4',
    ask: 'In which order does your router look at routes, and what decides between /users/me and /users/:id?',
    good: [
      'names the rule, and where it is in the code: fixed text before parameters, or the order of registration',
      'says what a request for a known path with an unknown method gets: 405 with Allow',
    ],
  },
  {
    task: '2.5',
    about: /\.catch\(|catch \(|await /,
    files: ['handlers.ts', 'connection.ts', 'server.ts'],
    ask: 'A handler throws after it has written half of its answer. What can your server still do, and what can it not?',
    good: [
      'before the head is sent: 500; afterwards the status line is gone',
      'then it can only cut the connection, so that the client sees an incomplete message (RFC 9112 §8)',
    ],
  },
  {
    task: '2.6',
    about: /new Worker\(/,
    ask: 'This starts a thread. How many are there, why so many, and what happens to a request whose thread dies?',
    good: [
      'about as many as cores: more only take turns; starting one for each request costs tens of milliseconds',
      'the request is answered with an error, the thread is replaced, the queue is bounded (503)',
    ],
  },
  {
    task: '2.7',
    about: /['"]drain['"]|writableNeedDrain|\.pause\(/,
    ask: 'What does it mean when `write` returns false, and where would the bytes be if you went on writing?',
    good: [
      'the socket’s buffer is over its mark: the client reads more slowly than we write',
      'in this process’s memory, for each slow client; so the source is stopped until `drain`',
    ],
  },
  {
    task: '2.8',
    ask: 'Your load tester reports a p99. Of which times, measured from where to where, and what hides from it while the server stands still?',
    good: [
      'from sending the request to the complete answer, over all requests after the warm-up',
      'a tester that waits for each answer sends nothing while the server stalls, so the stall counts once (coordinated omission)',
    ],
  },
  {
    task: '3.1',
    about: /keep-?alive|=== ['"]close['"]|has\(['"]close['"]/i,
    ask: 'What decides here whether a connection goes on after a response? Take an HTTP/1.0 client, an HTTP/1.1 client, and one that sends `Connection: close`.',
    good: [
      'HTTP/1.1 goes on unless a close option is sent; HTTP/1.0 only if it asks for keep-alive (RFC 9112 §9.3)',
      'every response on it needs a length that is known, or chunks',
    ],
  },
  {
    task: '3.2',
    about: /queue|pending|\.shift\(\)|\.push\(/i,
    files: ['pipeline.ts', 'connection.ts'],
    ask: 'Three requests arrive in one read, and the second is answered first. What does your code do with that answer, and what bounds how much it keeps?',
    good: [
      'answers go out in the order of the requests (RFC 9112 §9.3.2): the second waits',
      'a limit on requests in work or on bytes kept; beyond it the socket is not read, and the client has to wait',
    ],
  },
  {
    task: '3.3',
    ask: 'Who reads /health, what do they do with the answer, and when should it say that the server is not well?',
    good: [
      'a load balancer or a supervisor, many times a minute: it must be cheap and must not depend on what is slow',
      'it takes the server out of service while it shuts down or cannot serve, before clients notice',
    ],
  },
  {
    task: '3.4',
    about: /new Map|Object\.create\(null\)|Record<string/,
    files: ['trie-router.ts', 'trie.ts', 'app.ts'],
    ask: 'Why this data structure for the children of a node? What would a plain object do with the path segment `__proto__` or `constructor`?',
    good: [
      'looking up one segment does not depend on how many routes there are',
      'a plain object finds what it inherits: a route that nobody registered; a Map or an object without prototype does not',
    ],
  },
  {
    task: '3.4',
    ask: 'Of what does the time of a look-up in your router depend, and of what not? When does it have to go back?',
    good: [
      'on the segments of the path, not on the number of routes',
      'when fixed text matched and leads nowhere, and a parameter beside it might; says what bounds that',
    ],
  },
  {
    task: '3.5',
    about: /createReadStream|readFile\(/,
    ask: 'Between the moment when the length is known and the last byte that is sent, the file becomes shorter. What does your client see?',
    good: [
      'fewer bytes than Content-Length promised: the connection must be cut, so that it is seen as incomplete (RFC 9112 §8)',
      'taking status and bytes from one open descriptor makes replacing a file harmless; shortening it stays',
    ],
  },
  {
    task: '3.5',
    about: /realpath|normalize|resolve\(|startsWith\(/,
    files: ['static-files.ts', 'static-path.ts'],
    ask: 'Which requests could leave the folder that is served, and where in your code is each of them stopped?',
    good: [
      '.. in the path, also percent-encoded, also after decoding; a backslash; a NUL; a symbolic link',
      'decodes once, then checks; compares with the folder’s name and a separator, so that /www does not let /www-secret pass',
    ],
  },
  {
    task: '3.5',
    about: /\betag\b|entityTag/i,
    ask: 'What is your entity tag made of? Describe two different contents of a file that would get the same one, if there are any.',
    good: [
      'of size and time: two writes of one length within the clock’s resolution; of the content: none, but each file must be read',
      'a strong tag promises the same bytes (RFC 9110 §8.8.1), which ranges need',
    ],
  },
  {
    task: '3.6',
    about: /JSON\.stringify|console\.|stdout|\.write\(/,
    files: ['log.ts'],
    ask: 'This writes to the log. Somebody sends a request target with a line break or an escape sequence in it: what stands in the log, and who could be fooled by it?',
    good: [
      'what a client sent is escaped or quoted: otherwise it writes lines of its own, or steers the terminal of whoever reads',
      'says what must never be in a log: credentials, whole bodies',
    ],
  },
  {
    task: '3.7',
    ask: 'One connection too many arrives. What does your server do with it, what does that cost, and why not simply stop accepting?',
    good: [
      'answers 503 with Retry-After, quickly, and closes; it must not wait for a request that may never come',
      'in the backlog clients would wait without knowing; and existing connections go on undisturbed',
    ],
  },
  {
    task: '3.8',
    about: /new Map|Map<|new Set|Array\(|\[\]/,
    files: ['rate-limiter.ts', 'recent-keys.ts'],
    ask: 'This holds the state of your rate limiter. How large can it become when a million addresses send one request each, and what removes an entry?',
    good: [
      'an entry for each address until something removes it: a bound, the oldest first, or a look through those that are full again',
      'says what a client gains by being forgotten, and that whoever has one IPv6 address has 2⁶⁴ of them',
    ],
  },
  {
    task: '3.8',
    ask: 'A log of instants, or two counters: which design is your window, and what does the other one do better?',
    good: [
      'a log is exact, and costs memory for each request: a hundred instants of a hundred thousand addresses are 80 MB',
      'two counters cost a few bytes, assume that requests came evenly, and may make a client wait longer',
      'a fixed window, which is neither, lets twice the limit through around its border',
    ],
  },
  {
    task: '3.9',
    about: /SIGTERM|\.close\(/,
    files: ['shutdown.ts', 'server.ts', 'main.ts'],
    ask: 'SIGTERM arrives while one client uploads, one downloads, and fifty connections are idle. What happens to each, and when is the process gone?',
    good: [
      'no new connections; idle ones are closed at once; requests in work are finished and answered with `Connection: close` (RFC 9112 §9.6)',
      'a deadline after which the rest is cut: a client that never ends must not keep the process alive',
    ],
  },
  {
    task: '3.10',
    ask: 'Which of your cases was the hardest to make fair to every correct server, and which fault did you leave out because you could not?',
    good: [
      'names what the standard leaves open, and how the case accepts each of these answers',
      'waits for events, not for times',
    ],
  },

  // Of everybody, whatever their code holds.
  {
    task: '1.2',
    ask: 'What differs between your answers to GET and to HEAD for the same target, and what must not?',
    good: [
      'HEAD sends no content; the header section is that of GET, Content-Length included (RFC 9110 §9.3.2)',
      'a client that reads content after HEAD would wait for ever, or take the next response for it',
    ],
  },
  {
    task: '1.3',
    ask: 'How does your server know that the whole content of a request is here, and what if the client sends less than it promised, or more?',
    good: [
      'it counts bytes against Content-Length (RFC 9112 §6.2), over as many reads as it takes',
      'less: it waits, within a limit, and the message stays incomplete; more: those bytes are not this request’s',
    ],
  },
  {
    task: '2.3',
    ask: 'Which limits does your server put on one client, and which answer says that each was passed?',
    good: [
      'a limit on the header section, on the content, and on the time that each may take',
      '413 for content (RFC 9110 §15.5.14), 408 for time (RFC 9110 §15.5.9); checked while bytes come, not afterwards',
    ],
  },
  {
    task: '2.5',
    ask: 'Two clients ask for something that takes a second of waiting. Why do both have their answer after one second, and when would it be two?',
    good: [
      'waiting is left to the event loop, which serves the other one meanwhile',
      'two if the second is spent computing, or if one waits for the other’s promise',
    ],
  },
  {
    task: '2.6',
    ask: 'What does one request that computes for a second do to all the others, and how can you see it from outside?',
    good: [
      'while JavaScript computes, no event is handled: every connection stands still',
      'ask for something trivial at the same moment, and measure: it waits too, unless the work is in another thread',
    ],
  },
  {
    task: '2.7',
    ask: 'A client asks for a gigabyte and reads nothing. Where are the bytes after ten seconds?',
    good: [
      'some in the kernel’s buffers on both sides, a little in the process; the rest does not exist yet',
      'the source goes on when the socket says that there is room (`drain`), and not before',
    ],
  },
  {
    task: '3.1',
    ask: 'What does a persistent connection save, and what must be true of every response on it?',
    good: [
      'a handshake and a slow start for each request',
      'the client must know where each response ends: a length, chunks, or a status without content (RFC 9112 §6.3)',
    ],
  },
  {
    task: '3.2',
    ask: 'A client sends a hundred requests without waiting for an answer. What is the order of the answers, and what protects your memory?',
    good: [
      'the order of the requests (RFC 9112 §9.3.2), whoever is ready first',
      'a bound on what is in work, and not reading from the socket beyond it',
    ],
  },
  {
    task: '3.5',
    ask: 'What does your server answer to a range that begins behind the end of the file, and to one that it does not understand?',
    good: [
      '416 with Content-Range that names the length (RFC 9110 §15.5.17)',
      'a Range header that is malformed or of another unit is ignored: 200 and the whole file (RFC 9110 §14.2)',
    ],
  },
  {
    task: '3.6',
    ask: 'A handler throws something unexpected. What does the client get, what does the log get, and what must the client not get?',
    good: [
      '500 with a body that has a code, and nothing of the stack, of paths, or of other people’s data',
      'the log has the error with its stack, and what is needed to find the request again',
    ],
  },
  {
    task: '3.9',
    ask: 'Why is a graceful end worth the work? What would clients see during a deployment without it?',
    good: [
      'requests in work would be cut: uploads lost, answers incomplete, errors that nobody can explain',
      'the order matters: first no new connections, then idle ones, then those in work, then a deadline',
    ],
  },
]
