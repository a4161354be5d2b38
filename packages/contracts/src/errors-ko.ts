import type { ErrorCode } from './errors.js';

/** The words of every code in Korean, with the same parameters as in English. */
export const koreanErrors = {
  BOUNDARY_MISSING: {
    title: 'multipart 경계 없음',
    detail:
      'Content-Type이 multipart/form-data인데 경계(boundary)가 지정되지 않았습니다. 이 헤더는 직접 설정하지 말고 HTTP 클라이언트에 맡기세요.',
  },
  MULTIPART_MALFORMED: {
    title: '잘못된 multipart 본문',
    detail: 'multipart 본문을 읽을 수 없습니다: {reason}.',
  },
  FILE_MISSING: { title: '파일 없음', detail: '요청의 "{field}" 필드에 파일이 없습니다.' },
  BODY_MALFORMED: { title: '잘못된 요청 본문', detail: '요청 본문을 읽을 수 없습니다: {reason}.' },
  REQUEST_MALFORMED: { title: '잘못된 요청', detail: 'HTTP 요청을 읽을 수 없습니다: {reason}.' },
  KEY_REQUIRED: {
    title: '유효한 키 없음',
    detail: '유효한 키를 "Authorization: Bearer …" 헤더로 보내세요.',
  },
  SCOPE_MISSING: { title: '이 키의 권한 밖', detail: '이 키에는 "{scope}" 권한 범위가 없습니다.' },
  JOB_READ_ONLY: {
    title: '소유자가 없는 학습 작업',
    detail:
      '학습 작업 {job_id}번에는 소유자가 없습니다. 어떤 키로든 사용할 수 있지만, 관리자 키로만 변경할 수 있습니다.',
  },
  ORIGIN_REFUSED: {
    title: '허용되지 않은 출처',
    detail:
      '다른 출처(origin)의 웹 페이지가 보낸 요청은 받지 않습니다. 허용하려면 그 출처를 ALLOWED_ORIGINS에 추가하세요.',
  },
  HOST_REFUSED: {
    title: '알 수 없는 호스트 이름',
    detail:
      'Host 헤더의 이름이 이 서비스의 이름이 아닙니다: "{host}". 허용하려면 그 이름을 ALLOWED_HOSTS에 추가하세요.',
  },
  ROUTE_NOT_FOUND: { title: '없는 경로', detail: '{method} {path} 경로가 없습니다.' },
  JOB_NOT_FOUND: { title: '학습 작업 없음', detail: '학습 작업 {job_id}번이 없습니다.' },
  CHECKPOINT_NOT_FOUND: {
    title: '체크포인트 없음',
    detail: '학습 작업 {job_id}번에 "{checkpoint}" 체크포인트가 없습니다.',
  },
  MODEL_NOT_FOUND: { title: '모델 없음', detail: '이 워커에 "{model}" 모델이 없습니다.' },
  HANDLE_NOT_FOUND: {
    title: '이미지 핸들 없음',
    detail: '핸들 "{image_path}"에 해당하는 업로드 이미지가 없거나, 다른 세션의 이미지입니다.',
  },
  KEY_NOT_FOUND: { title: '키 없음', detail: '{key_id} 키가 없습니다.' },
  METHOD_NOT_ALLOWED: {
    title: '허용되지 않은 메서드',
    detail: '{path} 경로는 {method} 메서드를 받지 않습니다. 사용할 수 있는 메서드: {allowed}.',
  },
  REQUEST_TIMEOUT: {
    title: '요청 전송 시간 초과',
    detail: '제한 시간 안에 요청이 모두 도착하지 않았습니다.',
  },
  CHECKPOINT_MISSING: {
    title: '사용할 수 있는 체크포인트 없음',
    detail:
      '학습 작업 {job_id}번에는 아직 사용할 수 있는 체크포인트가 없고, "{model}" 이름의 내장 모델도 없습니다. 체크포인트를 업로드하세요.',
  },
  CHECKPOINT_FILE_MISSING: {
    title: '체크포인트 파일 없음',
    detail:
      '학습 작업 {job_id}번의 체크포인트 "{checkpoint}" 파일이 응답한 게이트웨이의 저장소에 없습니다. 같은 파일을 이 작업에 다시 업로드하세요.',
  },
  JOB_ID_TAKEN: {
    title: '이미 사용 중인 ID',
    detail: 'ID {job_id}번은 이 키로 교체할 수 없는 학습 작업이 이미 사용하고 있습니다. 다른 ID를 선택하세요.',
  },
  CHECKPOINT_NEEDED: {
    title: '체크포인트 전송 필요',
    detail:
      '이 워커에 없는 체크포인트입니다: {sha256}. PUT /checkpoints/{sha256} 요청으로 파일을 보낸 뒤 다시 시도하세요.',
  },
  HANDLE_EXPIRED: {
    title: '이미지 핸들 만료',
    detail: '핸들 "{image_path}"의 이미지는 보관 기간이 지났습니다. 다시 업로드하세요.',
  },
  FILE_TOO_LARGE: {
    title: '파일이 너무 큼',
    detail: '파일이 너무 큽니다. 최대 {limit_bytes}바이트까지 받습니다.',
  },
  BODY_TOO_LARGE: {
    title: '요청 본문이 너무 큼',
    detail: '요청 본문이 너무 큽니다. 최대 {limit_bytes}바이트까지 받습니다.',
  },
  IMAGE_TOO_LARGE: {
    title: '픽셀 수 초과',
    detail: '이미지가 {width}×{height} = {pixels}픽셀입니다. 최대 {limit_pixels}픽셀까지 처리합니다.',
  },
  RESPONSE_TOO_LARGE: {
    title: '응답이 너무 큼',
    detail:
      '응답이 {bytes}바이트로 한도인 {limit_bytes}바이트를 넘습니다. "{option}" 옵션을 끄거나 max_detections 값을 낮추세요.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    title: '지원하지 않는 본문 형식',
    detail: '여기서는 "{media_type}" 형식의 본문을 받지 않습니다. 사용할 수 있는 형식: {accepted}.',
  },
  IMAGE_UNSUPPORTED: { title: '지원하지 않는 이미지', detail: '{reason}' },
  IMAGE_DAMAGED: { title: '손상된 이미지', detail: '이미지를 끝까지 디코딩할 수 없습니다: {reason}' },
  FIELD_INVALID: { title: '잘못된 필드', detail: '{summary}' },
  FRAMEWORK_NOT_SERVED: {
    title: '지원하지 않는 프레임워크',
    detail: '이 워커는 "{framework}" 프레임워크를 지원하지 않습니다. 지원하는 프레임워크: {served}.',
  },
  DIGEST_MISMATCH: {
    title: '다이제스트 불일치',
    detail:
      '받은 데이터의 SHA-256이 요청한 값과 다릅니다(받은 데이터: {actual}, 요청: {expected}). 전송 중에 손상되었거나 다른 파일입니다.',
  },
  INPUT_QUARANTINED: {
    title: '차단된 이미지',
    detail:
      '이 이미지를 처리하다가 이 체크포인트의 프로세스가 두 번 종료되었습니다. 앞으로 {seconds}초 동안 이 이미지를 받지 않습니다.',
  },
  CHECKPOINT_REFUSED: {
    title: '실행할 수 없는 체크포인트',
    detail: '이 체크포인트는 실행할 수 없습니다: {reason}',
  },
  TASK_NOT_SERVED: {
    title: '지원하지 않는 작업 유형',
    detail: '{framework} 워커는 {task_type} 작업 유형을 지원하지 않습니다{served}.',
  },
  QUEUE_FULL: {
    title: '요청이 너무 많음',
    detail: '처리를 기다리는 요청이 너무 많습니다({waiting}개). {retry_after_s}초 뒤에 다시 시도하세요.',
  },
  QUOTA: {
    title: '할당량 소진',
    detail:
      '이 키로는 1분에 {limit}건까지 요청할 수 있고 지금 {remaining}건이 남았는데, 이 요청에는 {units}건이 필요합니다. {retry_after_s}초 뒤에 다시 시도하세요.',
  },
  UPLOADS_FULL: {
    title: '업로드가 너무 많음',
    detail:
      '지금 업로드 중인 데이터가 {bytes}바이트이고 한도는 {limit_bytes}바이트입니다. {retry_after_s}초 뒤에 다시 시도하세요.',
  },
  SESSION_FULL: {
    title: '세션의 이미지 수 초과',
    detail:
      '세션 "{session_id}"에 이미지가 {limit}개 있어 더 올릴 수 없습니다. 세션을 삭제하거나 다른 세션을 사용하세요.',
  },
  HEADERS_TOO_LARGE: { title: '요청 헤더가 너무 큼', detail: '요청 헤더가 너무 큽니다.' },
  INTERNAL: {
    title: '내부 오류',
    detail: '서버에 문제가 발생했습니다. 자세한 내용은 로그에 요청 ID와 함께 남아 있습니다.',
  },
  INFERENCE_FAILED: { title: '추론 실패', detail: '추론에 실패했습니다: {reason}' },
  CHILD_CRASHED: {
    title: '추론 프로세스 종료',
    detail: '추론에 실패했습니다: 이 체크포인트를 실행하던 프로세스가 예기치 않게 종료되었습니다. 다시 시도하세요.',
  },
  WORKER_UNREACHABLE: { title: '워커에 연결할 수 없음', detail: '{framework} 워커에 연결할 수 없습니다.' },
  WORKER_PROTOCOL: { title: '워커의 응답을 읽을 수 없음', detail: '{framework} 워커의 응답을 읽을 수 없습니다.' },
  STARTING: {
    title: '서비스 시작 중',
    detail: '서비스를 시작하는 중입니다. {retry_after_s}초 뒤에 다시 시도하세요.',
  },
  DRAINING: {
    title: '서비스 종료 중',
    detail: '서비스를 종료하는 중이라 새 작업을 받지 않습니다.',
  },
  DATABASE_UNAVAILABLE: { title: '데이터베이스 사용 불가', detail: '데이터베이스에 연결할 수 없습니다.' },
  DEADLINE_EXCEEDED: {
    title: '제한 시간 초과',
    detail: '{timeout_ms}ms 안에 응답하지 못했습니다({phase}).',
  },
  DEADLINE_TOO_SHORT: {
    title: '제한 시간이 너무 짧음',
    detail: '이 모델은 처리에 약 {cost_ms}ms가 걸리는데, 남은 시간이 {left_ms}ms뿐이라 부족합니다.',
  },
  MEMORY_EXHAUSTED: {
    title: '메모리 부족',
    detail: '모델에 약 {needed_mb}MB가 필요한데, 이 워커는 {limit_mb}MB까지 사용할 수 있습니다.',
  },
  MEMORY_PINNED: {
    title: '고정된 체크포인트가 메모리를 사용 중',
    detail:
      '모델에 약 {needed_mb}MB가 필요한데, 고정된 체크포인트가 프로세스 {children}개(최대 {children_max}개)에서 {limit_mb}MB 중 {pinned_mb}MB를 사용하고 있습니다. 그중 하나를 언로드하거나 고정을 해제하세요.',
  },
  STORE_FULL: {
    title: '업로드 저장 공간 부족',
    detail:
      '업로드한 이미지는 모두 합해 {limit_bytes}바이트까지 보관합니다. 세션을 삭제하거나, 다른 이미지가 만료된 뒤에 다시 시도하세요.',
  },
  DISK_FULL: {
    title: '디스크 공간 부족',
    detail: '보낸 파일을 저장하지 못했습니다. 이 서비스의 디스크가 가득 찼습니다.',
  },
} as const satisfies Readonly<Record<ErrorCode, { readonly title: string; readonly detail: string }>>;
