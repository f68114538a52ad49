import { EnrollRequest, EnrollResponse } from '@castellan/contracts';
import { Endpoint } from '@castellan/http';
import { Body, Controller, Ip, Post } from '@nestjs/common';
import { EnrollProcess } from './enroll-process.js';

@Controller('v1/enroll')
export class EnrollmentController {
  constructor(private readonly enrollProcess: EnrollProcess) {}

  @Post()
  @Endpoint({
    public: 'a process has no certificate before this call; the join token of its role stands for it',
    summary: 'Give a process its certificate',
    input: EnrollRequest,
    output: EnrollResponse,
  })
  enroll(@Body() request: EnrollRequest, @Ip() source: string): Promise<EnrollResponse> {
    return this.enrollProcess.enroll(request, source);
  }
}
