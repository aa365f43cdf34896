using Graph.Generator.Ir;
using Graph.Generator.Specs;

namespace Graph.Generator.Emit;

/// <summary>What a user of the model sees: its sizes with their <c>Create</c>, and the dims that kernels are generic over.</summary>
internal static class SurfaceEmitter
{
    public static string Sizes(ModelSpec spec)
    {
        var code = new CodeWriter();
        var dims = spec.Sizes.SelectMany(s => s.Dims).Select(d => d.Name).Distinct().ToList();
        code.Line("/// <summary>The dims of a size: constants to the JIT, so that all sizes share one text of every kernel.</summary>");
        using (code.Block("internal interface IDims"))
        {
            foreach (var dim in dims)
            {
                code.Line($"static abstract int {dim} {{ get; }}");
            }
        }

        foreach (var size in spec.Sizes)
        {
            code.Line();
            using (code.Block($"{size.Declaration} partial class {size.Name}"))
            {
                if (size == spec.Sizes.First())
                {
                    code.Line("/// <summary>A program of this size, on the CPU's SIMD executor unless <paramref name=\"device\"/> says otherwise.</summary>");
                    code.Line("/// <param name=\"batch\">Samples per step.</param>");
                    code.Line("/// <param name=\"threads\">Threads; 0: one per core. Results do not depend on it.</param>");
                    code.Line("/// <param name=\"lanes\">Widest SIMD lane in floats (16, 8, 4, 1); 0: the widest of this machine.</param>");
                    code.Line("/// <param name=\"device\">Where it runs, e.g. <c>Device.Parse(\"opencl\")</c>; threads and lanes are then the device's.</param>");
                }
                else
                {
                    code.Line($"/// <inheritdoc cref=\"{spec.Sizes.First().Name}.Create\"/>");
                }

                code.Line($"public static RecursiveModel Create(int batch, int threads = 0, int lanes = 0, Device? device = null) => new Program<Dims>(\"{size.Name}\", batch, device ?? Device.Cpu(threads, lanes));").Line();
                using (code.Block("internal readonly struct Dims : IDims"))
                {
                    foreach (var dim in size.Dims)
                    {
                        code.Line($"public static int {dim.Name} => {size.Name}.{dim.Name};");
                    }
                }
            }
        }

        return code.ToString();
    }

    public static string Program(ModelGraph graph)
    {
        var code = new CodeWriter();
        code.Line($"/// <summary>{graph.Spec.Name}, compiled: {string.Join(", ", graph.Phases.Select(p => p.Name))}.</summary>");
        using (code.Block("internal sealed partial class Program<TDims> : CompiledProgram where TDims : struct, IDims"))
        {
            using (code.Block($"public Program(string size, int batch, Device device) : base(\"{graph.Spec.Name}\", size, batch, device)"))
            {
                code.Line("Plan = new MemoryPlan<TDims>(batch, device.StoresBfloat16);").Line("Allocate(Plan);");
            }

            code.Line().Line("public MemoryPlan<TDims> Plan { get; }");
        }

        return code.ToString();
    }
}
