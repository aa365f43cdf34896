using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU.Backends;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;

namespace Graph.Execution.Ilgpu;

/// <summary>The edits between compiling a kernel and loading it, each the cure of a fault of ILGPU 1.5.3 (reference/ilgpu.md 0.2 and 0.4).</summary>
internal static partial class KernelSource
{
    /// <summary>ILGPU's barrier orders only global memory, and the macro's argument is dropped; and kernels use no generic pointers, which some devices lack. Compilers built on clang would print a line for each kernel with warnings.</summary>
    private const string OpenCl = """
        #ifdef __clang__
        #pragma clang diagnostic ignored "-Weverything"
        #endif
        #define work_group_barrier(f) barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
        #define __generic __global

        """;

    /// <summary>Edits the text of a compiled kernel in place.</summary>
    public static void Cure(CompiledKernel kernel)
    {
        switch (kernel)
        {
            case CLCompiledKernel:
                Edit(kernel, nameof(CLCompiledKernel.Source), text => OpenCl + text);
                break;
            case PTXCompiledKernel:
                Edit(kernel, nameof(PTXCompiledKernel.PTXAssembly), Ptx);
                break;
        }
    }

    /// <summary>
    /// Results of inline assembly and of atomics count as uniform in ILGPU; a branch on one may diverge. And inline assembly cannot be given the
    /// address of a view: it loads that of the floats from the parameter "graph_floats", whose name only the finished text has.
    /// </summary>
    public static string Ptx(string text) =>
        UniformBranch().Replace(text, "$1bra").Replace("[graph_floats]", $"[{FirstParameter().Match(text).Groups[1].Value}]", StringComparison.Ordinal);

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Devices need a JIT; the CPU path never comes here.")]
    private static void Edit(CompiledKernel kernel, string property, Func<string, string> edit)
    {
        var field = kernel.GetType().GetField($"<{property}>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic)
            ?? throw new InvalidOperationException($"ILGPU's {kernel.GetType().Name} has no field of {property}: this is not version 1.5.3.");
        field.SetValue(kernel, edit((string)field.GetValue(kernel)!));
    }

    [GeneratedRegex(@"(@!?%p\d+\s+)bra\.uni")]
    private static partial Regex UniformBranch();

    [GeneratedRegex(@"\.entry [^(]*\(\s*\.param [^,\[]*?(\w+)\[")]
    private static partial Regex FirstParameter();
}
