using Graph.Ptx.Binding;
using Graph.Ptx.Syntax;

namespace Graph.Ptx;

/// <summary>A PTX text, parsed and checked.</summary>
public sealed class PtxModule
{
    private PtxModule(string version, string target, IReadOnlyList<PtxKernel> kernels)
    {
        Version = version;
        Target = target;
        Kernels = kernels;
    }

    /// <summary>Of the instruction set, e.g. "8.0".</summary>
    public string Version { get; }

    /// <summary>E.g. "sm_80".</summary>
    public string Target { get; }

    public IReadOnlyList<PtxKernel> Kernels { get; }

    /// <summary>Parses a text and checks every statement.</summary>
    /// <exception cref="PtxException">The first thing that is wrong, with its line.</exception>
    public static PtxModule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (version, target, kernels) = PtxParser.Parse(text);
        return new(version, target, [.. kernels.Select(Binder.Bind)]);
    }
}
