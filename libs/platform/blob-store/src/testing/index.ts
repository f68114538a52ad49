export { startS3Server, type Fault, type S3Server } from './s3-server.js';
