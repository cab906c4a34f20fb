package io.memfabric.broker.certificate;

import io.memfabric.broker.access.Caller;
import io.memfabric.contract.agent.CertificateRenewal;
import io.memfabric.contract.agent.IssuedCertificate;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

@RestController
class CertificateController {

    private final FabricAuthority authority;

    CertificateController(FabricAuthority authority) {
        this.authority = authority;
    }

    @PostMapping("/agent/v1/certificates")
    IssuedCertificate renew(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Agent caller,
            @RequestBody CertificateRenewal renewal) {
        return authority.issue(caller.hostId(), renewal.certificateRequest());
    }
}
