package io.memfabric.broker.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/// Where the servlet container sends what failed outside of every controller.
@Controller
class ErrorRoute implements ErrorController {

    private static final int FIRST_SERVER_ERROR = 500;

    private final ProblemWriter problems;

    ErrorRoute(ProblemWriter problems) {
        this.problems = problems;
    }

    @RequestMapping("/error")
    void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        problems.write(
                response,
                status instanceof Integer code && code >= FIRST_SERVER_ERROR
                        ? new Problem(
                                ProblemCode.INTERNAL_ERROR, "The broker failed; its log says why.")
                        : new Problem(ProblemCode.NOT_FOUND, "There is nothing here."));
    }
}
