using Graph.Generator.Specs;

namespace Graph.Generator.Passes;

/// <summary>Stops compiling one model with a problem of the user's declaration.</summary>
internal sealed class CompileException(Problem problem) : Exception(problem.Id)
{
    public Problem Problem { get; } = problem;
}
