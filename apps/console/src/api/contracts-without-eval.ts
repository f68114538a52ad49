import { z } from 'zod';

// zod compiles its parsers with `new Function` where it may; the console's content security policy says it may not.
z.config({ jitless: true });
